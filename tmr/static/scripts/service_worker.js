// Shows the offline page where a page cannot be loaded. Nothing else is cached: no page with content, and no answer.
// What a phone shares with the app is handed to a page in the fragment of its address, and never sent anywhere.
const OFFLINE = "/offline";
const SHARED = "/capture/share"; // as the manifest has it; the server knows no such address

self.addEventListener("install", (event) => {
  event.waitUntil(keepOfflinePage());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(start());
});

self.addEventListener("fetch", (event) => {
  const isPost = event.request.method === "POST";
  if (isPost && new URL(event.request.url).pathname === SHARED) event.respondWith(handOver(event.request));
  if (event.request.mode === "navigate" && event.request.method === "GET") event.respondWith(load(event));
});

async function keepOfflinePage() {
  const cache = await caches.open("offline");
  // Without cookies, so that it cannot hold anything of the person who is signed in.
  await cache.add(new Request(OFFLINE, { cache: "reload", credentials: "omit" }));
  await self.skipWaiting();
}

async function start() {
  // The request goes out while the worker starts, so that pages come as quickly as without one.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

// A request of the worker counts as one of this site's own, no matter who started the navigation, and those
// are answered compressed (docs/decisions/0028-compressed-pages.md). What is sent while the worker starts says who did.
function marked(request) {
  return new Request(request, { headers: { Accept: "text/html", "X-Worker": "1" } });
}

async function load(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(marked(event.request)));
  } catch (error) {
    const page = await caches.match(OFFLINE, { ignoreVary: true });
    if (!page) throw error;
    return page;
  }
}

async function handOver(request) {
  const shared = await request.formData();
  const said = ["title", "text", "url"].map((name) => String(shared.get(name) ?? "").trim());
  const text = said.filter((part, at) => part && said.indexOf(part) === at).join("\n");
  const url = said[2] || (/^https?:\/\/\S+$/.test(said[1]) ? said[1] : "");
  const fragment = new URLSearchParams({ capture: "1", url, text: text === url ? "" : text });
  return Response.redirect(`/capture#${fragment}`, 303);
}
