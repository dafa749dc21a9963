//! A link between a phone and a server: TCP, full duplex, with a latency and a bandwidth, and a count of what went over it.
//!
//! Each direction has one token bucket that all connections share: a piece leaves when the pieces before it have left and
//! its own bytes have gone out at the link's rate, and arrives half a round trip later. A new connection's first bytes
//! wait for one round trip, the TCP handshake that a local connection does not show. Nothing is lost, and there is no slow start.
//!
//! **Round trips** are the longest chain of pieces in which each was sent after the one before had arrived, counted when
//! it is back at the phone. One request and its answer are one, and so are ten that are on their way at the same time; for a
//! long two-way stream it is an upper bound, about its time divided by the link's round trip.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A kind of link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// As figures name it.
    pub name: &'static str,
    /// There and back.
    pub round_trip: Duration,
    /// Bytes per second, each way.
    pub rate: f64,
}

impl Link {
    /// A phone at the edge of the network.
    pub const SLOW: Self = Self { name: "slow link", round_trip: Duration::from_millis(300), rate: 50_000.0 };
    /// A phone in a city.
    pub const FAST: Self = Self { name: "fast link", round_trip: Duration::from_millis(50), rate: 2_000_000.0 };
    /// No limit: for preparing what is measured.
    pub const NONE: Self = Self { name: "no link", round_trip: Duration::ZERO, rate: f64::INFINITY };

    /// How long so many bytes take to leave.
    #[must_use]
    pub fn sending(&self, bytes: usize) -> Duration {
        let bytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        Duration::from_secs_f64(bytes / self.rate)
    }

    /// Ten milliseconds' worth, but no less than a packet.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    fn piece(&self) -> usize {
        (self.rate / 100.0).clamp(1_460.0, 16_384.0) as usize
    }
}

/// What went over a link since the last [`Proxy::reset`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Bytes from the phone.
    pub up: u64,
    /// Bytes to the phone.
    pub down: u64,
    /// New connections.
    pub connections: u32,
    /// Bytes from the phone that arrived at the server: those that were on their way when the link was cut did not.
    pub arrived: u64,
    /// See the module.
    pub round_trips: u32,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

#[derive(Debug)]
struct State {
    link: Link,
    counted: Counted,
    /// The longest chain that has arrived at the server.
    at_server: u32,
    /// When the last piece that was sent will have left, each way.
    leaves: [Instant; 2],
    /// Pieces on their way.
    under_way: usize,
    last: Instant,
    /// Both ends of every connection, until the next cut.
    ends: Vec<TcpStream>,
}

/// The link, as a port on this machine that leads to another one. It ends with the process.
#[derive(Debug)]
pub struct Proxy {
    /// Where phones connect to.
    pub port: u16,
    target: Arc<AtomicU16>,
    state: Arc<Mutex<State>>,
}

struct Piece {
    arrives: Instant,
    chain: u32,
    bytes: Vec<u8>,
}

impl Proxy {
    /// Opens a port. Until [`Proxy::lead`] says where to, connections are closed at once.
    ///
    /// # Errors
    /// When no port can be opened.
    pub fn start(link: Link) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let now = Instant::now();
        let state = State {
            link,
            counted: Counted::default(),
            at_server: 0,
            leaves: [now; 2],
            under_way: 0,
            last: now,
            ends: Vec::new(),
        };
        let (target, state) = (Arc::new(AtomicU16::new(0)), Arc::new(Mutex::new(state)));
        let proxy = Self { port, target: Arc::clone(&target), state: Arc::clone(&state) };
        thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let server = SocketAddr::from((Ipv4Addr::LOCALHOST, target.load(Ordering::Relaxed)));
                // Where nothing listens, the phone's connection is dropped: it sees it closed.
                if let Ok(server) = TcpStream::connect(server) {
                    let _ = join(&phone, &server, &state);
                }
            }
        });
        Ok(proxy)
    }

    /// Leads new connections to this port.
    pub fn lead(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    /// Makes it another kind of link, also for connections that exist.
    pub fn become_link(&self, link: Link) {
        locked(&self.state).link = link;
    }

    /// Ends every connection, with what is on its way. New ones can be made at once.
    pub fn cut(&self) {
        for end in std::mem::take(&mut locked(&self.state).ends) {
            // One that has ended is as good as cut.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Counts from here on.
    pub fn reset(&self) {
        let mut state = locked(&self.state);
        state.counted = Counted::default();
        state.at_server = 0;
    }

    /// What went over it since then.
    #[must_use]
    pub fn counted(&self) -> Counted {
        locked(&self.state).counted
    }

    /// The round trips since then, with the one that TCP needs for a new connection.
    #[must_use]
    pub fn handshakes(&self) -> u32 {
        let counted = self.counted();
        counted.round_trips + u32::from(counted.connections > 0)
    }

    /// Returns when nothing has gone over it for so long.
    pub fn wait_for_quiet(&self, quiet: Duration) {
        loop {
            let (busy, last) = {
                let state = locked(&self.state);
                (state.under_way > 0, state.last)
            };
            let since = last.elapsed();
            match busy {
                true => thread::sleep(Duration::from_millis(5)),
                false if since >= quiet => return,
                false => thread::sleep(quiet.saturating_sub(since)),
            }
        }
    }
}

/// The state is counters: a thread that panicked while it held them left them as good as any.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join(phone: &TcpStream, server: &TcpStream, state: &Arc<Mutex<State>>) -> std::io::Result<()> {
    let connected = {
        let mut state = locked(state);
        state.counted.connections += 1;
        state.ends.extend([phone.try_clone()?, server.try_clone()?]);
        state.last = Instant::now();
        Instant::now() + state.link.round_trip
    };
    for (from, to, way) in [(phone, server, Way::Up), (server, phone, Way::Down)] {
        to.set_nodelay(true)?;
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        // As much as a router holds: senders feel the link, but late.
        let (send, receive) = sync_channel(32);
        let (reading, writing) = (Arc::clone(state), Arc::clone(state));
        thread::spawn(move || read(from, &send, &reading, way, connected));
        thread::spawn(move || write(to, &receive, &writing, way));
    }
    Ok(())
}

fn read(mut from: TcpStream, send: &SyncSender<Piece>, state: &Mutex<State>, way: Way, connected: Instant) {
    let mut buffer = vec![0; 16_384];
    loop {
        let most = locked(state).link.piece();
        // An error ends the connection as its end does.
        let length = from.read(&mut buffer[..most]).unwrap_or(0);
        let piece = leave(&mut locked(state), &buffer[..length], way, connected);
        if send.send(piece).is_err() || length == 0 {
            return;
        }
    }
}

/// An empty piece is the connection's end; it travels like the others.
fn leave(state: &mut State, bytes: &[u8], way: Way, connected: Instant) -> Piece {
    let now = Instant::now();
    let link = state.link;
    let lane = &mut state.leaves[usize::from(way == Way::Down)];
    let left = now.max(*lane).max(connected) + link.sending(bytes.len());
    *lane = left;
    let length = u64::try_from(bytes.len()).unwrap_or(0);
    let chain = match way {
        Way::Up => {
            state.counted.up += length;
            state.counted.round_trips + 1
        }
        Way::Down => {
            state.counted.down += length;
            state.at_server
        }
    };
    state.under_way += 1;
    state.last = now;
    Piece { arrives: left + link.round_trip / 2, chain, bytes: bytes.to_vec() }
}

fn write(mut to: TcpStream, receive: &Receiver<Piece>, state: &Mutex<State>, way: Way) {
    let mut open = true;
    for piece in receive {
        thread::sleep(piece.arrives.saturating_duration_since(Instant::now()));
        {
            let mut state = locked(state);
            state.under_way -= 1;
            state.last = Instant::now();
            let arrived = match way {
                Way::Up => &mut state.at_server,
                Way::Down => &mut state.counted.round_trips,
            };
            if !piece.bytes.is_empty() {
                *arrived = piece.chain.max(*arrived);
            }
        }
        if piece.bytes.is_empty() {
            let _ = to.shutdown(Shutdown::Write);
        } else if open {
            // What is still on its way goes on being counted, but nobody is there to read it.
            open = to.write_all(&piece.bytes).is_ok();
            if open && way == Way::Up {
                locked(state).counted.arrived += u64::try_from(piece.bytes.len()).unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests;
