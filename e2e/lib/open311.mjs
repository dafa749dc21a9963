// The city as other programs see it: Open311 GeoReport v2.
import assert from "node:assert/strict";

/** Files a service request; resolves to its number. */
export async function openRequest(server, fields) {
  const response = await fetch(`${server.origin}/open311/v2/requests.json`, {
    method: "POST",
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  assert.ok(response.ok, `Open311 answered ${response.status}: ${text}`);
  return JSON.parse(text)[0].service_request_id;
}

/** One service request as Open311 shows it, or `undefined`. */
export async function requestOf(server, number) {
  const response = await fetch(`${server.origin}/open311/v2/requests/${number}.json`);
  return response.ok ? (await response.json())[0] : undefined;
}

/** The newest service requests, as many as one answer holds. */
export async function requestsOf(server) {
  const response = await fetch(`${server.origin}/open311/v2/requests.json`);
  assert.equal(response.status, 200);
  return response.json();
}
