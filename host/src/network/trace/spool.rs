//! Entries on their way into the file: kept on disk in the order of their ends, written in that of their beginnings.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    path::Path,
    time::Duration,
};

/// The most that is kept of all entries, in bytes: 64 MiB. What comes first is kept.
pub const MOST: u64 = 64 << 20;

/// Entries in a file without a name, of which nothing is left however the program ends.
pub struct Spool {
    file: File,
    index: Vec<Place>,
    size: u64,
    most: u64,
    dropped: u64,
    fault: Option<io::Error>,
}

struct Place {
    began: Duration,
    offset: u64,
    length: usize,
}

impl Spool {
    /// An empty spool on the disk of a folder, which takes at most so many bytes.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn new(folder: &Path, most: u64) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            index: Vec::new(),
            size: 0,
            most,
            dropped: 0,
            fault: None,
        })
    }

    /// Takes an entry that began so long after the first moment. It is counted as dropped if there is no room for it, and
    /// so are all after it: what is kept is the beginning without gaps.
    /// Returns whether it was kept.
    pub fn push(&mut self, began: Duration, entry: &[u8]) -> bool {
        let length = entry.len() as u64;
        if self.dropped > 0 || self.size + length > self.most {
            self.dropped += 1;
            return false;
        }
        if let Err(fault) = self.file.write_all(entry) {
            self.dropped += 1;
            self.fault = Some(fault);
            return false;
        }
        self.index.push(Place {
            began,
            offset: self.size,
            length: entry.len(),
        });
        self.size += length;
        true
    }

    /// Whether no entry ever came.
    pub const fn is_empty(&self) -> bool {
        self.index.is_empty() && self.dropped == 0
    }

    /// How many entries there was no room for.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Why no more could be written, if it was not for want of room.
    pub const fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    /// Writes all entries in the order of their beginnings, with commas between them.
    ///
    /// # Errors
    /// If one cannot be read or written.
    pub fn write_to(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.index.sort_by_key(|place| (place.began, place.offset));
        let mut entry = Vec::new();
        for (number, place) in self.index.iter().enumerate() {
            entry.resize(place.length, 0);
            self.file.seek(SeekFrom::Start(place.offset))?;
            self.file.read_exact(&mut entry)?;
            if number > 0 {
                out.write_all(b",\n")?;
            }
            out.write_all(&entry)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(spool: &mut Spool) -> String {
        let mut out = Vec::new();
        spool.write_to(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn entries_come_in_the_order_of_their_beginnings() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path(), MOST).unwrap();
        for (began, entry) in [(3, "c"), (1, "aa"), (2, "b"), (3, "d")] {
            spool.push(Duration::from_secs(began), entry.as_bytes());
        }
        assert_eq!(written(&mut spool), "aa,\nb,\nc,\nd");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_too_much_is_counted_and_the_first_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path(), 5).unwrap();
        for entry in ["aa", "bb", "cc", "d"] {
            spool.push(Duration::ZERO, entry.as_bytes());
        }
        assert_eq!(
            (written(&mut spool).as_str(), spool.dropped()),
            ("aa,\nbb", 2)
        );
    }
}
