//! Servers and proxies that do what real ones seldom do on demand, and real proxies started for a test.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use proctor_test_support::{consumers, read, until};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use super::clients::Made;

/// Serves each connection on a thread of its own, for as long as the test lasts. Returns the port.
fn serve(each: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let each = Arc::new(each);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let each = Arc::clone(&each);
            std::thread::spawn(move || each(stream));
        }
    });
    port
}

/// Reads the head of a request.
fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A server that answers everything in the same words, without TLS. What it was asked is kept.
pub fn plain(answer: &str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (answer, kept) = (answer.to_owned(), Arc::clone(&asked));
    let port = serve(move |mut stream| {
        let head = head(&mut stream);
        kept.lock().expect("no panic").push(head);
        // The other side may have gone.
        let _ = stream.write_all(answer.as_bytes());
    });
    (port, asked)
}

/// A server that answers the first thing it hears, whatever it is.
pub fn blurting(answer: &str) -> u16 {
    let answer = answer.to_owned();
    serve(move |mut stream| {
        let heard = stream.read(&mut [0; 16 << 10]);
        // The other side may have gone.
        let _ = heard.and_then(|_| stream.write_all(answer.as_bytes()));
    })
}

/// A server with this certificate that answers everything in the same words.
pub fn over_tls(made: &Made, answer: &str) -> u16 {
    let certificate = CertificateDer::from_pem_slice(made.certificate.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(made.key.as_bytes()).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate");
    let (config, answer) = (Arc::new(config), answer.to_owned());
    serve(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        let mut stream = StreamOwned::new(connection, stream);
        if head(&mut stream).is_empty() {
            return;
        }
        let _ = stream.write_all(answer.as_bytes());
        stream.conn.send_close_notify();
        let _ = stream.flush();
    })
}

/// A port at which nobody listens.
pub fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A proxy that is a program of its own. Ends when dropped.
pub struct Running {
    child: Child,
    pub port: u16,
    pub folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(mut command: Command, port: u16, folder: tempfile::TempDir) -> Self {
        let output = std::fs::File::create(folder.path().join("output")).expect("a file");
        let child = command
            .stdin(Stdio::null())
            .stderr(output.try_clone().expect("a file"))
            .stdout(output)
            .spawn()
            .expect("the proxy starts");
        let running = Self {
            child,
            port,
            folder,
        };
        until("the proxy listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        running
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests that squid has logged, once there are so many: result, method, what for, and whose.
    pub fn logged(&self, count: usize) -> Vec<String> {
        let requests = || -> Vec<String> {
            let log = std::fs::read_to_string(self.folder.path().join("access.log"));
            let log = log.unwrap_or_default();
            let lines = log.lines().map(str::to_owned);
            // A connection without a request: somebody looked whether the proxy listens.
            lines
                .filter(|line| !line.contains("error:transaction-end-before-headers"))
                .collect()
        };
        until("squid has written its log", || requests().len() >= count);
        requests()
    }
}

/// A folder that a proxy which has given up its rights can still write to.
fn open_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let all = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder.path(), all).expect("it is ours");
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("the folder can be written to");
}

/// Squid, which knows the name of the sandbox; with a password it wants that of the user `me`.
pub fn squid(password: Option<&str>) -> Option<Running> {
    // Where not everybody has it on the path.
    let usual = Path::new("/usr/sbin/squid");
    let mut command = match usual.is_file() {
        true => Command::new(usual),
        false => consumers::program("squid")?,
    };
    let folder = open_folder();
    let port = closed_port();
    let path = folder.path().display();
    let access = match password {
        None => "http_access allow all\n".to_owned(),
        Some(_) => format!(
            "auth_param basic program /bin/sh {path}/judge.sh\nauth_param basic children 1\n\
             acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n"
        ),
    };
    let password = password.unwrap_or_default();
    // A helper of squid reads `USER PASSWORD` in lines, percent-encoded, and answers each.
    write(
        folder.path(),
        "judge.sh",
        &format!(
            "while read -r line; do\n    if [ \"$line\" = 'me {password}' ]; then echo OK; else echo ERR; fi\ndone\n"
        ),
    );
    write(folder.path(), "hosts", "127.0.0.1 sandbox.test\n");
    write(
        folder.path(),
        "squid.conf",
        &format!(
            "http_port 127.0.0.1:{port}\nhosts_file {path}/hosts\npid_filename none\ncache deny all\ncache_mem 8 MB\n\
             logformat short %Ss/%>Hs %rm %ru %un\naccess_log stdio:{path}/access.log logformat=short\n\
             buffered_logs off\ncache_log {path}/cache.log\ncoredump_dir {path}\nshutdown_lifetime 0 seconds\n\
             dns_nameservers 127.0.0.1\ndns_timeout 1 seconds\npinger_enable off\nmemory_cache_shared off\n{access}"
        ),
    );
    command
        .args(["-N", "-f"])
        .arg(folder.path().join("squid.conf"));
    Some(Running::start(command, port, folder))
}

/// mitmproxy, which opens TLS connections with an authority of its own, and leads every name to this machine. Returns
/// the authority's certificate too.
pub fn mitmproxy() -> Option<(Running, String)> {
    let mut command = consumers::python_apart("mitmproxy", "mitmdump")?;
    let folder = open_folder();
    let port = closed_port();
    write(
        folder.path(),
        "lead.py",
        "def server_connect(data):\n    host, port = data.server.address\n    data.server.address = ('127.0.0.1', port)\n",
    );
    command
        .args([
            "--listen-host",
            "127.0.0.1",
            "--listen-port",
            &port.to_string(),
        ])
        .args([
            "--set",
            "ssl_insecure=true",
            "--set",
            "connection_strategy=lazy",
        ])
        .arg("--set")
        .arg(format!("confdir={}", folder.path().display()))
        .arg("-s")
        .arg(folder.path().join("lead.py"))
        .env("HOME", folder.path());
    let running = Running::start(command, port, folder);
    let authority = running.folder.path().join("mitmproxy-ca-cert.pem");
    until("the authority is made", || authority.is_file());
    let pem = read(&authority);
    Some((running, pem))
}
