//! Who is on this device, and signing in.

use coldpatch_shared::city::Role;

/// The first screen's title.
pub const TITLE: &str = "Who is working?";
/// Above the list of accounts.
pub const ON_THIS_DEVICE: &str = "On this device";
/// The way in.
pub const SIGN_IN_WITH_CODE: &str = "Sign in with a code";
/// When nobody is enrolled.
pub const NOBODY: &str = "Nobody is signed in on this device yet";
/// What to do then.
pub const NOBODY_WHAT: &str =
    "Your supervisor gives you a link or a code. It works once, and needs a signal that one time.";
/// The sign-in screen's title.
pub const SIGN_IN: &str = "Sign in";
/// The code's label.
pub const CODE: &str = "Code";
/// Under the code's field.
pub const CODE_HINT: &str = "As in your link or on your slip. Capital and small letters are the same.";
/// While the code is redeemed.
pub const SIGNING_IN: &str = "Signing in…";
/// What happens meanwhile.
pub const SIGNING_IN_WHAT: &str = "This needs a signal once. After that, everything works without one.";
/// The code was not taken.
pub const NOT_SIGNED_IN: &str = "You are not signed in";
/// The field is empty.
pub const NO_CODE: &str = "Type the code first.";
/// Another code.
pub const OTHER_CODE: &str = "Type another code";
/// A device id that holds no session.
pub const NO_SESSION: &str = "Nobody is signed in here";
/// What to do then.
pub const NO_SESSION_WHAT: &str =
    "Sign in with a new code. If there was work on this device that had not been sent, it is still here.";
/// The database cannot be opened.
pub const CANNOT_OPEN: &str = "The app cannot open what is on this device";
/// Another version of the link.
pub const BAD_DEVICE: &str = "This link does not name a device";
/// How the screen looks.
pub const LOOK: &str = "Look";
/// The looks: by the device's setting, light, dark, for bright sun.
pub const LOOKS: [(&str, &str); 4] = [("", "As the device"), ("light", "Light"), ("dark", "Dark"), ("sun", "Sun")];
/// What the sun look is for, and where it holds.
pub const LOOK_WHAT: &str =
    "Sun has the most contrast there is, for a screen in daylight. This choice is for this device only.";
/// The session ended on the server's side.
pub const SIGNED_OUT: &str = "The city no longer knows this device. Your work is kept. Ask your supervisor for a code.";
/// Above the way back in.
pub const AGAIN: &str = "Sign in again";
/// The city has signed the phone out.
pub const REVOKED_WHAT: &str = "The city has signed this phone out, for example because it was reported lost. Nothing on it was deleted: \
     everything that you did is kept here, and what was not sent goes out once you sign in again. Ask your supervisor \
     for a new code, and type it here.";
/// The city does not know the phone.
pub const UNKNOWN_WHAT: &str = "The city no longer knows this phone. Everything that you did is kept here, and what was not sent goes out once \
     you sign in again. Ask your supervisor for a new code, and type it here.";
/// Makes a copy of what was not sent.
pub const SAVE_COPY: &str = "Save a copy of what was not sent";
/// Downloads it.
pub const DOWNLOAD_COPY: &str = "Download the copy";
/// What is in it.
pub const COPY_WHAT: &str =
    "A file with everything that only this phone has, and every word of it. Photos stay on the phone.";
/// The city's files are not here yet.
pub const NO_CITY: &str = "Getting the city’s map and catalog…";
/// And cannot be had.
pub const NO_CITY_OFFLINE: &str =
    "The city’s map and catalog are not on this device yet. They come by themselves once there is a signal.";
/// The city's files do not make sense.
pub const BROKEN_CITY: &str =
    "The city’s files are damaged on this device. They are fetched again when there is a signal.";
/// What the browser calls itself when it says nothing better.
pub const THIS_DEVICE: &str = "This device";

/// The page and its Worker, or two tabs, are of different versions.
pub const VERSIONS_MET: &str =
    "Two versions of the app have met on this device. Nothing is lost: close its other tabs and load it again.";

/// A role as people call it.
#[must_use]
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Resident => "Resident",
        Role::Crew => "Crew",
        Role::Inspector => "Inspector",
        Role::Supervisor => "Supervisor",
        Role::Server => "Server",
    }
}
