//! The services by name: all that the rest of the sandbox knows of them.

/// Declares the module of each service, its part of a scenario, and the list of all.
///
/// A service's module has `INFO`, a type `Settings` with `Default`, `Deserialize` and a function `demo`, and a function
/// `service` that makes the service from its settings.
macro_rules! services {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+

        /// What the services hold, how they behave, and what goes wrong.
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Scenario {
            $(pub $name: $name::Settings,)+
            pub faults: Vec<Fault>,
        }

        impl Scenario {
            /// What `proctor demo` shows.
            #[must_use]
            pub fn demo() -> Self {
                Self {
                    $($name: $name::Settings::demo(),)+
                    faults: Vec::new(),
                }
            }

            /// The services, holding what the scenario says.
            fn services(&self) -> Vec<Box<dyn call::Service>> {
                vec![$(Box::new($name::service(self.$name.clone()))),+]
            }
        }

        /// The services.
        #[must_use]
        pub fn services() -> &'static [ServiceInfo] {
            &[$($name::INFO),+]
        }
    };
}
