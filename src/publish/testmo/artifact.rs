//! Artifacts: links to files that are kept elsewhere. Nothing is uploaded.

use serde_json::{Map, Value};

use super::field::{Field, Kind};
use super::limits;

/// Types of files by the ends of their names, as the vendor's client has them; without one the service guesses.
const TYPES: [(&str, &str); 34] = [
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ini", "text/plain"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "application/javascript"),
    ("json", "application/json"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("sql", "application/x-sql"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tsv", "text/tab-separated-values"),
    ("txt", "text/plain"),
    ("wav", "audio/wave"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xml", "application/xml"),
    ("yaml", "text/yaml"),
    ("yml", "text/yaml"),
    ("zip", "application/zip"),
];

/// An attachment as an artifact if others can reach it.
pub(super) fn artifact(name: &str, url: &str) -> Option<Value> {
    if !url.starts_with("https://") {
        return None;
    }
    let mut artifact = Map::new();
    let file = url.rsplit('/').next().unwrap_or_default();
    let is_file = !file.is_empty() && !file.ends_with('\\');
    let name = if is_file { file } else { name };
    artifact.insert("name".to_owned(), limits::string(name).into());
    artifact.insert("url".to_owned(), limits::string(url).into());
    if is_file && let Some(mime_type) = mime_type(file) {
        artifact.insert("mime_type".to_owned(), mime_type.into());
    }
    Some(Value::Object(artifact))
}

/// An attachment that only the machine that ran the tests can reach: the path is all there is to say.
pub(super) fn path(name: String, path: String) -> Field {
    Field {
        highlight: None,
        ..Field::new(Kind::String, name, path)
    }
}

fn mime_type(file: &str) -> Option<&'static str> {
    let end = file.rsplit('.').next()?;
    for (known, mime_type) in TYPES {
        if known.eq_ignore_ascii_case(end) {
            return Some(mime_type);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::artifact;

    #[test]
    fn only_what_others_can_reach_is_an_artifact() {
        for (url, expected) in [
            (
                "https://x.test/a/shot.PNG",
                Some(
                    json!({"name": "shot.PNG", "url": "https://x.test/a/shot.PNG", "mime_type": "image/png"}),
                ),
            ),
            (
                "https://x.test/trace?id=a.b",
                Some(json!({"name": "trace?id=a.b", "url": "https://x.test/trace?id=a.b"})),
            ),
            (
                "https://x.test/dir/",
                Some(json!({"name": "attachment", "url": "https://x.test/dir/"})),
            ),
            ("http://x.test/a.png", None),
            ("/tmp/a.png", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(artifact("attachment", url), expected, "{url}");
        }
    }
}
