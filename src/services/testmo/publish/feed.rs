//! The pieces that the host hands over, as files that are read.

use std::cell::RefCell;
use std::io::{self, Read};

use crate::ports::{Input, Piece};

/// The input, with what was taken of it and not yet used.
pub struct Feed<'i> {
    input: &'i mut dyn Input,
    /// The file that begins next, once the one before it is at its end.
    next: Option<Piece>,
    bytes: Vec<u8>,
    /// How many of them are used.
    used: usize,
    is_over: bool,
}

impl<'i> Feed<'i> {
    pub fn new(input: &'i mut dyn Input) -> Self {
        Self {
            input,
            next: None,
            bytes: Vec::new(),
            used: 0,
            is_over: false,
        }
    }

    /// The next file. What was not read of the one before it is passed over.
    pub fn next_file(&mut self) -> Option<Piece> {
        while self.fill() {
            self.used = self.bytes.len();
        }
        self.next.take()
    }

    /// Whether the next file is of JUnit XML, too; its name.
    pub fn next_junit(&mut self) -> Option<String> {
        let next = self.next_file();
        match next {
            Some(Piece::Junit(name)) => Some(name),
            other => {
                self.next = other;
                None
            }
        }
    }

    /// Keeps bytes of what could not be sent.
    pub fn keep(&mut self, bytes: &[u8]) {
        self.input.keep(bytes);
    }

    /// Sees to it that there are bytes to be read; false at the end of the file.
    fn fill(&mut self) -> bool {
        while self.used == self.bytes.len() {
            if self.next.is_some() || self.is_over {
                return false;
            }
            match self.input.next() {
                Some(Piece::Bytes(bytes)) => {
                    self.bytes = bytes;
                    self.used = 0;
                }
                Some(file) => self.next = Some(file),
                None => self.is_over = true,
            }
        }
        true
    }

    fn read(&mut self, buffer: &mut [u8]) -> usize {
        if !self.fill() {
            return 0;
        }
        let rest = &self.bytes[self.used..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.used += length;
        length
    }

    /// The next line without its end, or none at the end of the file.
    ///
    /// # Errors
    /// If the line is longer than `most` bytes.
    pub fn line(&mut self, most: usize) -> Result<Option<Vec<u8>>, &'static str> {
        let mut line = Vec::new();
        let mut is_any = false;
        while self.fill() {
            is_any = true;
            let rest = &self.bytes[self.used..];
            let end = rest.iter().position(|&byte| byte == b'\n');
            let length = end.unwrap_or(rest.len());
            if line.len() + length > most {
                return Err("a line is too long");
            }
            line.extend_from_slice(&rest[..length]);
            self.used += length;
            if end.is_some() {
                self.used += 1;
                break;
            }
        }
        Ok(is_any.then_some(line))
    }
}

/// The file that began last. A feed is shared, as what is read from it may have to be kept by it.
pub struct File<'f, 'i>(pub &'f RefCell<Feed<'i>>);

impl Read for File<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.0.borrow_mut().read(buffer))
    }
}
