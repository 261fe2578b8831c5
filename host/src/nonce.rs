//! Text that nobody can foresee, for delimiters that hostile text must not be able to forge.

/// How many random bytes it is made of.
const BYTES: usize = 16;

/// A new one, of letters and digits.
///
/// # Errors
/// If the system has no random numbers.
pub fn nonce() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
