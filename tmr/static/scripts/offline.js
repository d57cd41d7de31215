// Registers the service worker, which has the page for when there is no connection.
const ADDRESS = "/service-worker.js";

// Browsers take the address of a worker from a Trusted Types policy only: this one lets that single address through.
const policy = globalThis.trustedTypes?.createPolicy("tmr-worker", {
  createScriptURL: (address) => {
    if (address !== ADDRESS) throw new TypeError("Only the service worker is started here.");
    return address;
  },
});

const address = policy ? policy.createScriptURL(ADDRESS) : ADDRESS;

// Without it everything works but the offline page: private windows and plain http on a network refuse workers.
navigator.serviceWorker?.register(address).catch(() => {});
