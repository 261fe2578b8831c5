//! What wasmtime makes of `wit/`. The host's own vocabulary is these types.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "proctor",
    imports: { default: async | trappable },
    exports: { default: async },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});
