"""oidc-client-ts (npm) in Chromium. oidc-client-ts.page.js is its page."""

from chromium import HERE, LIBRARIES, document, run, script

run({
	"/": document("/library.js", "/page.js"),
	"/library.js": script(LIBRARIES, "oidc-client-ts", "dist", "browser", "oidc-client-ts.min.js"),
	"/page.js": script(HERE, "oidc-client-ts.page.js"),
	"/bye": document(),
})
