// A connection that costs by the megabyte. No browser on a desk has one, and the developer tools' own emulation does not
// reach Workers, where the engine asks: so the Worker is told before the app's own script runs.

/** From the next load of a page on, this phone's engine sees a person who asked the system to save data. */
export async function metered(phone) {
  await phone.context.addInitScript(() => {
    const Plain = globalThis.Worker;
    const say = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });";
    const file = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    globalThis.Worker = class extends Plain {
      constructor(script, options) {
        const real = new URL(script, document.baseURI).href;
        // Imports run in this order, and before the first message.
        super(file(`import ${JSON.stringify(file(say))}; import ${JSON.stringify(real)};`), options);
      }
    };
  });
}
