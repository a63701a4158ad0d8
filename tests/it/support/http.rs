//! HTTP/1.1 messages with whole bodies over blocking sockets: as much of HTTP as the AWS SDKs and the emulator speak.
//!
//! `httparse`, which hyper parses with, does the parsing. Hyper itself would need its `server` feature, which the provisioner does
//! not have: the tests would then share no compiled AWS crate with the binary.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};

const MAX_HEADERS: usize = 64;

pub type Headers = Vec<(String, String)>;

pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// The next request of a connection, or nothing when the client has closed it.
pub fn read_request(stream: &mut BufReader<TcpStream>) -> Result<Option<Request>> {
    let head = read_head(stream)?;
    if head.is_empty() {
        return Ok(None);
    }
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut slots);
    parsed.parse(&head).map_err(invalid)?;
    let headers = owned(parsed.headers);
    refuse_chunks(&headers)?;
    let method = parsed.method.unwrap_or_default().to_owned();
    let target = parsed.path.unwrap_or_default().to_owned();
    let mut body = vec![0; content_length(&headers)?.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok(Some(Request { method, target, headers, body }))
}

/// Sends a request over a connection of its own, which is how the emulator answers, and reads the reply.
pub fn send(server: SocketAddr, request: &Request) -> Result<Response> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    let start = format!("{} {} HTTP/1.1", request.method, request.target);
    stream.write_all(&message(&start, &request.headers, &request.body, "close"))?;
    read_response(&mut BufReader::new(stream))
}

pub fn write_response(stream: &mut TcpStream, response: &Response) -> Result<()> {
    let start = format!("HTTP/1.1 {} Replied", response.status);
    stream.write_all(&message(&start, &response.headers, &response.body, "keep-alive"))
}

/// Writes the head of a response and the first half of its body.
pub fn write_half(stream: &mut TcpStream, response: &Response) -> Result<()> {
    let start = format!("HTTP/1.1 {} Replied", response.status);
    let whole = message(&start, &response.headers, &response.body, "keep-alive");
    stream.write_all(&whole[..whole.len() - response.body.len().div_ceil(2)])
}

/// The value of the first header of this name, whatever its case.
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn read_response(stream: &mut BufReader<TcpStream>) -> Result<Response> {
    let head = read_head(stream)?;
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut slots);
    parsed.parse(&head).map_err(invalid)?;
    let status = parsed.code.ok_or_else(|| invalid("a reply without a status"))?;
    let headers = owned(parsed.headers);
    refuse_chunks(&headers)?;
    let mut body = Vec::new();
    match content_length(&headers)? {
        Some(length) => {
            body.resize(length, 0);
            stream.read_exact(&mut body)?;
        }
        None => drop(stream.read_to_end(&mut body)?),
    }
    Ok(Response { status, headers, body })
}

/// Everything up to and including the empty line, or nothing at the end of the stream.
fn read_head(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    loop {
        let read = stream.read_until(b'\n', &mut head)?;
        if read == 0 && !head.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if read == 0 || head.ends_with(b"\r\n\r\n") {
            return Ok(head);
        }
    }
}

fn message(start: &str, headers: &[(String, String)], body: &[u8], connection: &str) -> Vec<u8> {
    let mut bytes = format!("{start}\r\n").into_bytes();
    for (name, value) in headers.iter().filter(|(name, _)| !is_framing(name)) {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("content-length: {}\r\nconnection: {connection}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn is_framing(name: &str) -> bool {
    ["connection", "content-length", "keep-alive", "transfer-encoding"].iter().any(|framing| name.eq_ignore_ascii_case(framing))
}

fn owned(headers: &[httparse::Header<'_>]) -> Headers {
    headers.iter().map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned())).collect()
}

fn content_length(headers: &Headers) -> Result<Option<usize>> {
    header(headers, "content-length").map(|value| value.trim().parse().map_err(invalid)).transpose()
}

fn refuse_chunks(headers: &Headers) -> Result<()> {
    match header(headers, "transfer-encoding") {
        None => Ok(()),
        Some(coding) => Err(invalid(format!("transfer-encoding `{coding}` is not spoken here"))),
    }
}

fn invalid(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, cause)
}
