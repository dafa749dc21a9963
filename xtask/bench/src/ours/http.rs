//! As little HTTP as it takes to ask a server many things without being what is measured.

use anyhow::{Context, Result, ensure};
use coldpatch_shared::sync::wire::PACKED_MEDIA_TYPE;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A connection that stays.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// One to this machine.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks for something small.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub fn get(&mut self, path: &str) -> Result<()> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(head.as_bytes())?;
        self.answer().map(drop)
    }

    /// Sends a sync request whose body is compressed; the answer's body as it came, compressed with brotli.
    ///
    /// # Errors
    /// When the answer is not 200.
    pub fn sync(&mut self, token: &str, body: &[u8]) -> Result<Vec<u8>> {
        let length = body.len();
        let head = format!(
            "POST /api/sync HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {PACKED_MEDIA_TYPE}\r\n\
             Content-Encoding: gzip\r\nAccept-Encoding: br\r\nContent-Length: {length}\r\n\r\n"
        );
        self.stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        self.answer()
    }

    /// Begins to listen for pokes; back when the first has come.
    ///
    /// # Errors
    /// When the server does not want to poke.
    pub fn live(&mut self, token: &str) -> Result<()> {
        let head = format!("GET /api/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        self.stream.get_mut().write_all(head.as_bytes())?;
        self.head()?;
        let mut line = String::new();
        while !line.contains("poke") {
            line.clear();
            ensure!(self.stream.read_line(&mut line)? > 0, "the live connection ended");
        }
        Ok(())
    }

    /// The headers; the body's length.
    fn head(&mut self) -> Result<usize> {
        let (mut length, mut first) = (0, true);
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "the connection ended");
            let line = line.trim_end();
            ensure!(!first || line.contains(" 200 "), "the server says: {line}");
            first = false;
            if line.is_empty() {
                return Ok(length);
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().context("Content-Length")?;
            }
        }
    }

    fn answer(&mut self) -> Result<Vec<u8>> {
        let mut body = vec![0; self.head()?];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }
}
