// Before the first paint, and so no module: the look that the person chose on this device. From then on the app sets it
// (src/ui/look.rs). A browser that keeps nothing has nothing to say, and shows its own.
try {
  const look = localStorage.getItem("coldpatch.look");
  if (look) document.documentElement.dataset.theme = look;
} catch (error) {
  console.warn("no look is kept:", error);
}
