// passport-oauth2 (npm): its strategy, driven as passport drives it for a page that signs in and a page that takes the browser back.
import OAuth2Strategy from 'passport-oauth2'
import { serve } from './adapter.mjs'

const session = {}
let strategy, tokens

async function discover({ issuer, client_id, client_secret, redirect_uri, scope }) {
	// docs/clients.md: from here
	strategy = new OAuth2Strategy({
		authorizationURL: `${issuer}/oauth2/authorize`,
		tokenURL: `${issuer}/oauth2/token`,
		clientID: client_id,
		clientSecret: client_secret ?? '',
		callbackURL: redirect_uri,
		scope,
		state: true,
		pkce: true,
	}, (accessToken, refreshToken, reply, profile, done) => done(null, { reply, profile, accessToken, refreshToken }))
	strategy._oauth2.useAuthorizationHeaderforGET(true) // access tokens are not taken from the address
	strategy.userProfile = function (accessToken, done) {
		this._oauth2.get(`${issuer}/oauth2/userinfo`, accessToken, (error, body) => done(error, error ? undefined : JSON.parse(body)))
	}
	// docs/clients.md: to here
	return {}
}

// What passport does for one request of a browser.
function authenticate(address) {
	return new Promise((resolve, reject) => {
		const attempt = Object.create(strategy)
		attempt.redirect = (url) => resolve({ url })
		attempt.success = resolve
		attempt.fail = (challenge) => reject(new Error(challenge?.message ?? 'passport says no'))
		attempt.error = reject
		attempt.authenticate({ url: address, query: Object.fromEntries(new URL(address).searchParams), headers: {}, session })
	})
}

async function begin() {
	return authenticate('http://127.0.0.1/login')
}

async function finish({ callback }) {
	const { reply, accessToken, refreshToken } = await authenticate(callback)
	tokens = { ...reply, access_token: accessToken, refresh_token: refreshToken }
	return { tokens, claims: null }
}

async function userinfo() {
	return new Promise((resolve, reject) => {
		strategy.userProfile(tokens.access_token, (error, claims) => (error ? reject(error) : resolve({ claims })))
	})
}

await serve({ discover, begin, finish, userinfo })
