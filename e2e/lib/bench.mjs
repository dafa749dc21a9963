// What both benches in the browser need.
import { openRequest } from "./open311.mjs";
import { goTo } from "./staff.mjs";
import { until } from "./until.mjs";

/** Files as many requests as there are to be work orders, all for the crew that looks after lights and signs. */
export async function fileMany(server, count, words = "dark since Monday, and the school is around the corner") {
  const file = (n) => {
    // A lattice over the middle of the demo city.
    const [lat, long] = [47.612 + Math.floor(n / 50) * 0.0007, -122.36 + (n % 50) * 0.001];
    const description = `Number ${n}: ${words}.`;
    return openRequest(server, { service_code: "street_light_out", "attribute[fault]": "out", lat, long, description });
  };
  for (let n = 0; n < count; n += 8) {
    await Promise.all(Array.from({ length: Math.min(8, count - n) }, (_, more) => file(n + more)));
  }
}

/** Waits until the phone has at least so many jobs; resolves to how many. Leaves the page on the screen that says so. */
export async function jobsOn(page, least) {
  await goTo(page, "sync");
  return until("enough jobs on the phone", async () => {
    const said = await page.getByTestId("city-has").getByText("on this phone").textContent();
    const jobs = Number(said.replace(/\D/g, ""));
    return jobs >= least && jobs;
  }, { timeout: 120_000 });
}

/** One figure, as a JSON line. */
export function report(figure, value, unit, goal, against) {
  console.log(JSON.stringify({ figure, value: round1(value), unit, goal, against }));
}

/** The value in the middle. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** With one decimal. */
export function round1(value) {
  return Math.round(value * 10) / 10;
}
