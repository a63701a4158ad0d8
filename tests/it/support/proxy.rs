//! A recording proxy between the provisioner and the emulator, where a test can answer in AWS's place.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::call::{Call, Protocol, Reply};
use super::http::{self, Request, Response};
use super::locked;

/// Looks at a call before it is forwarded, and may answer it instead. It may block: only its own call waits.
pub type Before = dyn Fn(&Call) -> Option<Reply> + Send + Sync;
/// Looks at a reply before the caller sees it, and returns what the caller shall see.
pub type After = dyn Fn(&Call, Reply) -> Reply + Send + Sync;

/// Answers what no rule of a test answers, with the emulator's help: the second argument forwards the call.
pub type Aws = dyn Fn(&Call, &dyn Fn() -> Reply) -> Reply + Send + Sync;

/// A way for AWS to fail a call.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Denied,
    Throttled,
    /// An internal error, with nothing done.
    Unavailable,
    /// The connection drops before the call arrives.
    CallLost,
    /// The call is carried out, and the connection drops before its reply.
    ReplyLost,
}

/// One proxy on a port of its own, until it is dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// Without an emulator every call is refused, and recorded all the same.
    emulator: Option<SocketAddr>,
    made: Instant,
    stopping: AtomicBool,
    calls: Mutex<Vec<Call>>,
    /// Places among the calls of those that are being answered.
    in_flight: Mutex<BTreeSet<usize>>,
    accounts: Mutex<BTreeMap<String, String>>,
    before: Mutex<Vec<Arc<Before>>>,
    after: Mutex<Vec<Arc<After>>>,
    aws: Mutex<Option<Arc<Aws>>>,
}

impl Proxy {
    pub fn start(emulator: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port for the proxy");
        let address = listener.local_addr().expect("the proxy's address");
        let shared = Arc::new(Shared {
            emulator,
            made: Instant::now(),
            stopping: AtomicBool::new(false),
            calls: Mutex::default(),
            in_flight: Mutex::default(),
            accounts: Mutex::default(),
            before: Mutex::default(),
            after: Mutex::default(),
            aws: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener));
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a rule, asked after the earlier ones; the first that answers decides.
    pub fn before(&self, rule: impl Fn(&Call) -> Option<Reply> + Send + Sync + 'static) {
        locked(&self.shared.before).push(Arc::new(rule));
    }

    /// Adds a rule for replies, applied after the earlier ones, to the rules' own replies too.
    pub fn after(&self, rule: impl Fn(&Call, Reply) -> Reply + Send + Sync + 'static) {
        locked(&self.shared.after).push(Arc::new(rule));
    }

    /// Puts an AWS between the rules and the emulator.
    pub fn in_front(&self, aws: impl Fn(&Call, &dyn Fn() -> Reply) -> Reply + Send + Sync + 'static) {
        *locked(&self.shared.aws) = Some(Arc::new(aws));
    }

    pub fn clear_rules(&self) {
        locked(&self.shared.before).clear();
        locked(&self.shared.after).clear();
    }

    /// Fails the next `times` calls of an action, such as `ecs:CreateCluster`, in this way.
    pub fn fail(&self, action: &str, times: usize, fault: Fault) {
        let action = action.to_owned();
        let left = AtomicUsize::new(times);
        let due = move |call: &Call| call.action() == action && take_one(&left);
        if let Fault::ReplyLost = fault {
            self.after(move |call, reply| if due(call) { Reply::hang_up() } else { reply });
        } else {
            self.before(move |call| due(call).then(|| faulty(call, fault)));
        }
    }

    /// Everything called so far, in the order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.shared.calls).clone()
    }

    /// How many of the calls so far are such.
    pub fn count(&self, is_such: impl Fn(&Call) -> bool) -> usize {
        locked(&self.shared.calls).iter().filter(|call| is_such(call)).count()
    }

    /// How many calls are being answered, those included that a test holds.
    pub fn in_flight(&self) -> usize {
        locked(&self.shared.in_flight).len()
    }

    /// Waits until no call is being answered, for as long as `limit`: the calls of a killed caller may outlive it. The first `calls_before` calls
    /// are an earlier run's, and not waited for.
    pub fn settle(&self, calls_before: usize, limit: Duration) {
        let end = Instant::now() + limit;
        while locked(&self.shared.in_flight).last().is_some_and(|place| *place >= calls_before) && Instant::now() < end {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The accepting thread looks at the flag when somebody connects.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            let shared = Arc::clone(&self);
            thread::spawn(move || match stream.and_then(|stream| shared.serve(stream)) {
                Ok(()) => {}
                // A killed caller leaves such connections behind.
                Err(error) if error.kind() != std::io::ErrorKind::InvalidData => {}
                Err(error) => eprintln!("proxy: {error}"),
            });
        }
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = http::read_request(&mut reader)? {
            let reply = self.answer(&request);
            thread::sleep(reply.delay);
            if reply.hang_up || self.stopping.load(Ordering::SeqCst) {
                return Ok(());
            }
            let response = Response { status: reply.status, headers: reply.headers, body: reply.body.into_bytes() };
            if reply.cut {
                return http::write_half(&mut stream, &response);
            }
            http::write_response(&mut stream, &response)?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Reply {
        let mut call = Call::of(request, self.made.elapsed());
        if let Some(account) = locked(&self.accounts).get(&call.access_key) {
            call.account.clone_from(account);
        }
        let in_flight = self.record(call.clone());
        let rules = locked(&self.before).clone();
        let answered = rules.iter().find_map(|rule| rule(&call));
        let reply = answered.unwrap_or_else(|| self.ask_aws(request, &call));
        let rules = locked(&self.after).clone();
        let reply = rules.iter().fold(reply, |reply, rule| rule(&call, reply));
        let recorded = &mut locked(&self.calls)[in_flight.place];
        recorded.status = reply.status;
        recorded.answer.clone_from(&reply.body);
        recorded.ended = Some(self.made.elapsed());
        reply
    }

    fn ask_aws(&self, request: &Request, call: &Call) -> Reply {
        let forward = || self.forward(request, call);
        let aws = locked(&self.aws).clone();
        aws.map_or_else(forward, |aws| aws(call, &forward))
    }

    fn record(&self, call: Call) -> InFlight<'_> {
        let mut calls = locked(&self.calls);
        calls.push(call);
        InFlight::begin(&self.in_flight, calls.len() - 1)
    }

    fn forward(&self, request: &Request, call: &Call) -> Reply {
        let Some(emulator) = self.emulator.filter(|_| call.protocol != Protocol::Platform) else {
            return Reply::error(call, 501, "NobodyAnswers", &format!("no rule of this test answers {}", call.action()));
        };
        let reply = match http::send(emulator, request) {
            Ok(response) => Reply::from(response),
            Err(error) => panic!("the emulator did not answer {}: {error}", call.action()),
        };
        if call.operation == "AssumeRole" {
            self.learn_account(call, &reply);
        }
        if is_page(&reply) { not_implemented(call) } else { reply }
    }

    /// Remembers which account the issued access key belongs to.
    fn learn_account(&self, call: &Call, reply: &Reply) {
        let key = reply.body.split_once("<AccessKeyId>").and_then(|(_, rest)| rest.split_once("</AccessKeyId>"));
        let role = call.param("RoleArn").unwrap_or_default();
        if let (Some((key, _)), Some(account)) = (key, role.split(':').nth(4)) {
            locked(&self.accounts).insert(key.to_owned(), account.to_owned());
        }
    }
}

/// Counts a call among those under way for as long as it lives, also when answering it panics.
struct InFlight<'a> {
    all: &'a Mutex<BTreeSet<usize>>,
    place: usize,
}

impl<'a> InFlight<'a> {
    fn begin(all: &'a Mutex<BTreeSet<usize>>, place: usize) -> Self {
        locked(all).insert(place);
        Self { all, place }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        locked(self.all).remove(&self.place);
    }
}

/// The emulator answers what it does not know, and what it trips over, with a page for a browser.
fn is_page(reply: &Reply) -> bool {
    reply.status >= 500 && http::header(&reply.headers, "content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

/// Unlike 500, the SDKs do not retry 501.
fn not_implemented(call: &Call) -> Reply {
    eprintln!("proxy: the emulator does not implement {}, or failed at it: see {}", call.action(), super::emulator::LOG);
    Reply::error(call, 501, "MotoNotImplemented", &format!("the emulator does not implement {}, or failed at it", call.action()))
}

fn faulty(call: &Call, fault: Fault) -> Reply {
    match fault {
        Fault::Denied => Reply::denied(call),
        Fault::Throttled => Reply::throttled(call),
        Fault::Unavailable => Reply::error(call, 500, "InternalError", "An internal error has occurred."),
        Fault::CallLost | Fault::ReplyLost => Reply::hang_up(),
    }
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}
