//! What the figures were measured on.

use std::time::SystemTime;

/// One line about this machine, as far as it tells.
#[must_use]
pub fn described() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut told = vec![match cores {
        1 => "1 core".to_owned(),
        many => format!("{many} cores"),
    }];
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    told.extend(entry(&read("/proc/cpuinfo"), "model name"));
    told.extend(entry(&read("/proc/meminfo"), "MemTotal").and_then(|text| memory(&text)));
    let kernel = read("/proc/sys/kernel/osrelease");
    let version = kernel.split('-').next().unwrap_or_default().trim();
    told.push(
        format!("{} {version}", std::env::consts::OS)
            .trim()
            .to_owned(),
    );
    told.push(std::env::consts::ARCH.to_owned());
    told.join(", ")
}

/// Today, in UTC.
#[must_use]
pub fn date() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}

/// The first value of a name in a file of `NAME: VALUE` lines, without what Markdown would take for markup.
fn entry(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    let value = line.split_once(':')?.1.trim();
    let plain = |letter: &char| !"*_`|<>[]".contains(*letter);
    Some(value.chars().filter(plain).collect())
}

fn memory(text: &str) -> Option<String> {
    let kib: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(format!("{:.0} GiB of memory", kib / 1_048_576.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_says_is_read() {
        let cpu = "processor : 0\nmodel name\t: Some *CPU* (R) @ 2 GHz\nmodel name\t: other\n";
        assert_eq!(
            entry(cpu, "model name").as_deref(),
            Some("Some CPU (R) @ 2 GHz")
        );
        assert_eq!(memory("16331752 kB").as_deref(), Some("16 GiB of memory"));
        assert_eq!(entry("", "model name"), None);
        let date = date();
        assert!(date.len() == 10 && date.starts_with("20"), "{date}");
    }
}
