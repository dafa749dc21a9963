// Where it is: the phone's own place, or a pin on the map. The latest thing that the person said about the place wins.
const $ = (id) => document.getElementById(id);
// Widths of the sheet in percent of its window. The city is about 6 km across: 1600 % is 1 m to the pixel.
const ZOOMS = [200, 400, 800, 1600];

export function openPlace(form, save) {
  $("place-ways").hidden = false;
  const say = (text) => { $("place-say").textContent = text; };

  function set(place, words) {
    $("lat").value = place?.lat.toFixed(6) ?? "";
    $("lon").value = place?.lon.toFixed(6) ?? "";
    $("accuracy").value = place?.accuracy ? Math.round(place.accuracy) : "";
    $("source").value = place?.source ?? "";
    if (place) $("address").value = "";
    say(words);
    save();
  }

  // Ask the city for the words, where there is a network; the place itself does not depend on it.
  async function tell(place, words) {
    set(place, words);
    try {
      const response = await fetch(`/report/place?lat=${place.lat}&lon=${place.lon}`, { signal: AbortSignal.timeout?.(8_000) });
      const answer = await response.json();
      if ($("lat").value === place.lat.toFixed(6) && answer.words) say(answer.words);
    } catch { /* no signal */ }
  }

  $("address").addEventListener("input", () => { if ($("lat").value) set(null, ""); });
  if ($("lat").value) say("The place that you set is kept.");

  $("use-my-place").addEventListener("click", () => {
    if (!navigator.geolocation) return say("This browser cannot tell where you are. Type the address.");
    say("Looking for your place…");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => tell(
        { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy, source: "device" },
        `Your place, give or take ${Math.round(coords.accuracy)} m.`),
      (error) => say(error.code === error.PERMISSION_DENIED
        ? "This page may not see where you are. Allow it in the browser’s settings, or type the address."
        : "Your place could not be found just now. Try again in the open, or type the address."),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
  });

  if ($("map")) openMap(tell);
}

function openMap(tell) {
  const image = $("map-image"), sheet = $("map-sheet"), view = $("map-scroll"), pin = $("map-pin");
  const { west, south, east, north } = Object.fromEntries(Object.entries(image.dataset).map(([key, value]) => [key, Number(value)]));
  let zoom = 1;

  const at = (x, y) => ({ lat: north - y * (north - south), lon: west + x * (east - west), source: "pin" });
  function put(x, y) {
    Object.assign(pin.style, { left: `${x * 100}%`, top: `${y * 100}%` });
    pin.hidden = false;
    tell(at(x, y), "The pin is set.");
  }
  // Changes the size around the middle of what is seen.
  function resize(step) {
    const middle = center();
    zoom = Math.min(ZOOMS.length - 1, Math.max(0, zoom + step));
    sheet.style.width = `${ZOOMS[zoom]}%`;
    show(middle);
  }
  const center = () => ({
    x: (view.scrollLeft + view.clientWidth / 2) / sheet.offsetWidth, y: (view.scrollTop + view.clientHeight / 2) / sheet.offsetHeight,
  });
  function show({ x, y }) {
    view.scrollTo(x * sheet.offsetWidth - view.clientWidth / 2, y * sheet.offsetHeight - view.clientHeight / 2);
  }

  $("open-map").addEventListener("click", () => {
    const open = $("map").hidden;
    $("map").hidden = !open;
    $("open-map").setAttribute("aria-expanded", String(open));
    if (!open) return;
    const [lat, lon] = [Number($("lat").value), Number($("lon").value)];
    const known = $("lat").value ? { x: (lon - west) / (east - west), y: (north - lat) / (north - south) } : { x: 0.5, y: 0.5 };
    image.onload = () => show(known);
    if (!image.src) image.src = image.dataset.src; else show(known);
    if ($("lat").value) { Object.assign(pin.style, { left: `${known.x * 100}%`, top: `${known.y * 100}%` }); pin.hidden = false; }
  });
  sheet.addEventListener("click", (event) => {
    const box = sheet.getBoundingClientRect();
    put((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  view.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const { x, y } = center();
    put(x, y);
  });
  $("map-in").addEventListener("click", () => resize(1));
  $("map-out").addEventListener("click", () => resize(-1));
}
