// The report form with a script: kept at every keystroke, photo included; sent through the outbox.
import { openPlace } from "./place.js";

const { outbox } = self;
const $ = (id) => document.getElementById(id);
const OWN = new Set(["request", "secret", "type", "photo", "photo_kept"]);
const LARGEST_PHOTO = 25_000_000;

// UUIDv7 and a secret of 128 bits, made here so that the form works without a network.
function newIds() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  let now = Date.now();
  for (let i = 5; i >= 0; i--) { bytes[i] = now % 256; now = Math.floor(now / 256); }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const uuid = hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  return { request: uuid, secret: hex.slice(32) };
}

export async function openForm({ send, backgroundSync }) {
  const form = $("report");
  const answered = Boolean($("summary"));
  const { fields, photo: keptPhoto } = await outbox.draft();
  let ids = fields ? { request: fields.request, secret: fields.secret } : newIds();
  let photo = keptPhoto ?? null;
  let busy = false;

  // The form that came from the server holds the answers to its own errors; else what was typed before comes back.
  if (fields && !answered) fill(form, fields.values);
  if (photo) showPhoto();
  openPlace(form, save);
  if (fields?.problem) showProblem(form, fields.problem);

  function values() {
    return [...new FormData(form)].filter(([name, value]) => !OWN.has(name) && value !== "");
  }

  // Not every browser waits for a write that a closing page began, so nothing is put off.
  function save() {
    return outbox.saveFields({ ...ids, values: values() }).catch(() => {});
  }
  form.addEventListener("input", (event) => { if (event.target.type !== "file") save(); });

  async function pick(field) {
    const file = field.files[0];
    clearError("photo");
    if (!file) return;
    if (file.size > LARGEST_PHOTO) {
      field.value = "";
      return showError("photo", "This photo has more than 25 MB. Pick a smaller one, or take it with less resolution.");
    }
    try {
      // The bytes, not the file: Android removes a camera's file whenever it likes.
      photo = { bytes: await file.arrayBuffer(), name: file.name || "photo", type: file.type };
    } catch {
      field.value = "";
      return showError("photo", "This photo cannot be read here: it may be in the cloud only. Pick another one, or take it again.");
    }
    showPhoto();
    try {
      await outbox.savePhoto(photo);
      await save();
    } catch {
      showError("photo", "This phone is full: the photo is lost if this page is closed. You can send it now.");
    }
  }
  $("photo-ways").hidden = !matchMedia("(pointer: coarse)").matches;
  for (const field of [$("photo"), $("camera")]) {
    field.addEventListener("change", () => pick(field));
    // Picked before this script was here.
    if (field.files[0]) pick(field);
  }

  function showPhoto() {
    const preview = $("photo-preview");
    const image = Object.assign(document.createElement("img"), { alt: "", src: URL.createObjectURL(new Blob([photo.bytes], { type: photo.type })) });
    // HEIC, say: the city can read it even where this browser cannot.
    image.onerror = () => image.remove();
    const words = Object.assign(document.createElement("span"), { textContent: "Your photo is kept on this phone." });
    const remove = Object.assign(document.createElement("button"), { type: "button", className: "button ghost", textContent: "Remove" });
    remove.onclick = async () => {
      photo = null;
      $("photo").value = "";
      preview.hidden = true;
      await outbox.savePhoto(null);
    };
    preview.replaceChildren(image, words, remove);
    preview.hidden = false;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !complete(form, photo)) return;
    busy = true;
    $("send").disabled = true;
    // Another tab may have sent the same draft meanwhile; this is another report then.
    const known = [...await outbox.mine(), ...await outbox.waiting()];
    if (known.some(({ request }) => request === ids.request)) ids = newIds();
    const item = {
      ...ids, type: form.dataset.type, name: form.dataset.kindName, fields: values(), photo, at: Date.now(), state: "waiting",
    };
    try {
      await outbox.add(item);
    } catch {
      // Nothing can be kept here: send it the plain way, photo and all.
      form.request.value = ids.request;
      form.secret.value = ids.secret;
      return form.submit();
    }
    navigator.storage?.persist?.();
    // A large photo on a slow network takes minutes: after a while the list at the top takes over.
    const outcome = await Promise.race([sent(item.request), new Promise((resolve) => setTimeout(resolve, 10_000, {}))]);
    if (outcome.entry) return location.assign(outcome.entry.url + (outcome.entry.damaged ? "?photo=damaged" : ""));
    busy = false;
    $("send").disabled = false;
    if (outcome.refused) {
      await outbox.reopen(outcome.refused);
      return showProblem(form, outcome.refused.problem);
    }
    backgroundSync();
    ids = newIds();
    photo = null;
    form.reset();
    for (const name of ["lat", "lon", "accuracy", "source"]) $(name).value = "";
    form.hidden = true;
    // The title stays: it says what this page is about.
    document.querySelector(".form-head .hint").hidden = true;
    const again = Object.assign(document.createElement("a"), { className: "button", href: "/", textContent: "Report something else" });
    form.after(again);
    $("main").focus();
    scrollTo({ top: 0 });
  });

  async function sent(request) {
    await send(true);
    const entry = (await outbox.mine()).find((each) => each.request === request);
    if (entry) await outbox.seen(entry);
    const refused = (await outbox.waiting()).find((each) => each.request === request && each.state === "refused");
    return { entry, refused };
  }
}

// Puts back what was typed, except where the person has typed already: the script may come late.
function fill(form, values) {
  for (const field of form.elements) {
    const kept = values.filter(([name]) => name === field.name).map(([, value]) => value);
    if (!kept.length || OWN.has(field.name)) continue;
    if (["radio", "checkbox"].includes(field.type)) {
      const touched = [...form.elements].some((each) => each.name === field.name && each.checked && !kept.includes(each.value));
      if (!touched) field.checked = kept.includes(field.value);
    } else if (field.value === field.defaultValue) {
      field.value = kept[0];
    }
  }
}

// What the browser's own checks cannot say: one of several, and some place.
function complete(form, photo) {
  let first;
  const miss = (field, message) => { showError(field, message); first ??= field; };
  for (const group of form.querySelectorAll("[data-required]")) {
    clearError(group.id);
    const names = group.dataset.required.split(" ");
    const data = new FormData(form);
    if (!names.some((name) => data.get(name))) miss(group.id, group.dataset.missing);
  }
  clearError("address");
  if (!photo && !$("lat").value && !$("address").value.trim()) miss("address", "Where is it? An address, a corner or your own place is enough.");
  if (first) $(first).focus();
  return !first;
}

function showProblem(form, problem) {
  const errors = Object.entries(problem.errors ?? {});
  for (const [field, message] of errors) showError(field, message, field === "address" && problem.elsewhere);
  const known = errors.find(([field]) => $(field));
  if (known) return $(known[0]).focus();
  showError("send", problem.detail || problem.title);
}

function showError(field, message, elsewhere) {
  clearError(field);
  const target = $(field);
  if (!target) return;
  const note = Object.assign(document.createElement("p"), { className: "error", id: `${field}-error`, textContent: message });
  if (elsewhere?.phone) {
    const call = Object.assign(document.createElement("a"), { href: `tel:${elsewhere.phone.replace(/[^+\d]/g, "")}`, textContent: `Call ${elsewhere.phone}` });
    note.append(" ", call);
  }
  if (target.matches("fieldset")) target.querySelector("legend").after(note);
  else target.before(note);
  target.setAttribute("aria-invalid", "true");
  const described = (target.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== note.id);
  target.setAttribute("aria-describedby", [note.id, ...described].join(" "));
}

function clearError(field) {
  $(`${field}-error`)?.remove();
  $(field)?.removeAttribute("aria-invalid");
}
