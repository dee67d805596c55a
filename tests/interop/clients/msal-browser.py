"""@azure/msal-browser (npm) in Chromium, signing in and out both by redirect and in a pop-up. msal-browser.page.js is its page."""

from chromium import HERE, LIBRARIES, Application, document, run, script

LIBRARY = LIBRARIES / "@azure" / "msal-browser" / "lib"


class MsalApplication(Application):
	def discover(self, **settings):
		"""What the library looks up it tells nobody; it is seen in where the browser goes."""
		self.sent_to = []
		answer = super().discover(**settings)
		return answer if "refused" in answer else {"authorization_endpoint": self.sent_to[0].partition("?")[0]}

	def visit(self):
		self.page.on("request", lambda request: self.sent_to.append(request.url) if "response_type=" in request.url else None)
		super().visit()

	def in_pop_up(self, verb, does=None):
		"""What the page is told when the pop-up is gone; does(pop-up) is the person's part."""
		with self.page.expect_popup() as opened:
			self.page.evaluate("verb => { under_way = ask(verb) }", verb)
		if does:
			does(opened.value)
		return self.page.evaluate("() => under_way")

	def sign_in(self, name, password):
		redirected = super().sign_in(name, password)
		if "refused" in redirected:
			return redirected
		answer = self.in_pop_up("sign_in_in_pop_up", self.give_password)
		if "claims" in answer and answer["claims"]["sub"] != redirected["claims"]["sub"]:
			raise RuntimeError(f"the pop-up signed in {answer['claims']['sub']}, the redirect {redirected['claims']['sub']}")
		return answer

	def sign_out(self):
		gone = self.in_pop_up("logout_in_pop_up")
		if "refused" in gone:
			return gone
		self.leave("sign_in")
		asked = self.page.is_visible("#password")
		self.give_password(self.page)
		self.arrive()
		answer = super().sign_out()
		return {**answer, "asked": asked and answer["asked"]}


run({
	"/": document("/library.js", "/page.js"),
	"/library.js": script(LIBRARY, "msal-browser.min.js"),
	"/page.js": script(HERE, "msal-browser.page.js"),
	"/callback": document("/bridge.js", "/callback.js"),
	"/bridge.js": script(LIBRARY, "redirect-bridge", "msal-redirect-bridge.min.js"),
	"/callback.js": ("text/javascript", b"msalRedirectBridge.broadcastResponseToMainFrame()"),
	"/bye": document(),
}, MsalApplication)
