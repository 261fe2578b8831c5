//! What is downloaded and started.

use std::path::{Path, PathBuf};

use crate::{Result, figures::bytes, page::Page, setting::Setting};

pub fn play(setting: &Setting, page: &mut Page) -> Result<()> {
    let program = std::fs::metadata(&setting.proctor)?.len();
    let mut rows = vec![["the program".to_owned(), bytes(program as f64)]];
    if let Some(component) = component(&setting.proctor) {
        let size = std::fs::metadata(component)?.len();
        rows.push([
            "the component in it, before it is compiled".to_owned(),
            bytes(size as f64),
        ]);
    }
    page.part("Size");
    page.table(["what", "size"], &rows);
    Ok(())
}

/// Where the build has left the component, beside the program's own folder: `host/build` says how.
fn component(program: &Path) -> Option<PathBuf> {
    program.ancestors().find_map(|folder| {
        let path = folder.join("component/wasm32-wasip2/component/proctor.wasm");
        path.is_file().then_some(path)
    })
}
