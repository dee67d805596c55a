"""Sign-ins wait for Argon2id; nothing else waits for them: design §2, A16."""

import threading
from concurrent.futures import ThreadPoolExecutor

from support import people as p
from support.browser import Browser
from support.people import arrive, authorize, new_tokens, refresh, succeeded, tokens_of

SIGN_INS = 64  # below the hundred failures a minute of an address


def test_renewals_and_refreshes_do_not_stand_behind_sign_ins(own_site):
	"""Sixty-four passwords at once, of names that nobody has; who has a session and a refresh token does not notice."""
	person = own_site.stranger()
	browser = Browser(own_site)
	succeeded(arrive(browser, p.WEB, person))
	token = new_tokens(own_site, p.WEB, person, "openid offline_access", browser)["refresh_token"]
	pages = [(visitor, authorize(visitor, p.WEB)) for visitor in (Browser(own_site) for _ in range(SIGN_INS))]
	begun, done = threading.Barrier(SIGN_INS), []

	def sign_in(number, visitor, page):
		begun.wait()
		answer = visitor.sign_in(page, f"nobody-{number}", "a password of nobody")
		done.append(number)
		return answer.status

	with ThreadPoolExecutor(SIGN_INS) as pool:
		waiting = [pool.submit(sign_in, number, *page) for number, page in enumerate(pages)]
		own_site.wait_for(lambda: done, what="the first sign-in")
		succeeded(authorize(browser, p.WEB, prompt="none"))
		tokens_of(refresh(own_site, p.WEB, token), "id_token", "refresh_token")
		under_way = SIGN_INS - len(done)
		assert [one.result() for one in waiting] == [400] * SIGN_INS
	assert under_way > SIGN_INS // 4, "all sign-ins were over before a renewal and a refresh were answered"
