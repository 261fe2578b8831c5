//! What can be run, in columns.

use std::fmt::Write as _;

use super::safe;
use crate::bindings::proctor::ci::types::Item;

/// Items in columns. Each cell is made harmless by itself, and none can begin a line with a command.
#[must_use]
pub fn of_items(items: &[Item]) -> String {
    let rows: Vec<[String; 4]> = items
        .iter()
        .map(|item| {
            [
                safe::line(&item.kind),
                safe::line(&item.id),
                safe::line(&item.name),
                safe::line(item.note.as_deref().unwrap_or_default()),
            ]
        })
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [kind, id, name, note] in &rows {
        let line = format!(
            "{kind:0$}  {id:1$}  {name:2$}  {note}",
            widths[0], widths[1], widths[2]
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    safe::block(&text)
}
