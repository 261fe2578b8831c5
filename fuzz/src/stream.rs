//! The stream of events: however its bytes are cut, they are the same events.

use proctor::services::Lines;
use serde_json::Value;

/// The longest line that is kept, in bytes, as the reader documents it.
const LONGEST_LINE: usize = 1024 * 1024;

/// The first byte says how the rest is cut, and 255 that it is made longer and repeated until it is
/// too long to be kept.
pub fn run(data: &[u8]) {
    let Some((&how, bytes)) = data.split_first() else {
        return;
    };
    if how == 255 && !bytes.is_empty() {
        return too_long(bytes);
    }
    let (whole, _) = read(std::iter::once(bytes));
    let piece = usize::from(how % 64) + 1;
    let (cut, _) = read(bytes.chunks(piece));
    assert_eq!(whole, cut, "in pieces of {piece}");
    // Pieces of which each is as long as a byte of the text says.
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let (piece, after) = rest.split_at(rest.len().min(usize::from(first % 16) + 1));
        pieces.push(piece);
        rest = after;
    }
    let (uneven, _) = read(pieces.into_iter());
    assert_eq!(whole, uneven, "in pieces of several lengths");
    assert!(whole.iter().all(Value::is_object));
}

/// The events of a stream, or of its beginning and why no more is read.
fn read<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> (Vec<Value>, Option<&'static str>) {
    let mut lines = Lines::default();
    let mut events = Vec::new();
    for piece in pieces {
        match lines.push(piece) {
            Ok(more) => events.extend(more),
            Err(why) => return (events, Some(why)),
        }
    }
    events.extend(lines.finish());
    (events, None)
}

/// What never becomes an event is not kept for ever: a line without an end, or the lines of a block.
fn too_long(bytes: &[u8]) {
    let mut unit: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| *byte != b'\n')
        .collect();
    unit.resize(unit.len() + 256 * 1024, b'x');
    if bytes.contains(&b'\n') {
        unit.push(b'\n');
    }
    let mut lines = Lines::default();
    for _ in 0..2 * LONGEST_LINE / unit.len() {
        match lines.push(&unit) {
            Ok(events) if events.is_empty() => {}
            _ => return,
        }
    }
    // Nothing came of two megabytes, and nothing was refused: then nothing of it may have been kept.
    assert!(
        lines.finish().is_empty(),
        "two megabytes were kept of {bytes:?}"
    );
}
