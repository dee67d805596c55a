// The single page application of msal-browser.py: what an application of @azure/msal-browser (npm) does with its PublicClientApplication.
'use strict'

async function start({ issuer, client_id, scope, post_logout_redirect_uri }) {
	// docs/clients.md: from here
	const application = new msal.PublicClientApplication({
		auth: {
			clientId: client_id,
			authority: issuer,
			knownAuthorities: [new URL(issuer).host],
			redirectUri: `${location.origin}/callback`, // a page that calls msalRedirectBridge.broadcastResponseToMainFrame(), and nothing else
			postLogoutRedirectUri: post_logout_redirect_uri,
		},
		system: { protocolMode: msal.ProtocolMode.OIDC },
	})
	await application.initialize()
	const reply = await application.handleRedirectPromise() // null, unless loginRedirect ended here; reply.account is who signed in
	// docs/clients.md: to here
	return { application, reply, issuer, scopes: scope.split(' ') }
}

// What the page was told by msal-browser.py, and how far it has come.
const started = fetch('/settings.json').then((reply) => reply.json()).then(start)
let latest
started.then(
	({ reply }) => {
		latest = reply
		document.title = 'ready'
	},
	(error) => {
		document.title = 'refused'
		document.body.textContent = `${error.name}: ${error.message}`
	},
)

// The library hands out no refresh token; it keeps it here.
function refreshToken() {
	const kept = Object.values(sessionStorage).filter((value) => value.startsWith('{')).map((value) => JSON.parse(value))
	return kept.find((value) => value.credentialType === 'RefreshToken')?.secret
}

function told(reply) {
	latest = reply
	const { accessToken, idToken, scopes, idTokenClaims } = reply
	return { tokens: { access_token: accessToken, refresh_token: refreshToken(), id_token: idToken, scope: scopes.join(' ') }, claims: idTokenClaims }
}

const verbs = {
	// The library looks its issuer up when it needs it first: here for a sign-in without a page, which nobody has done before.
	async discover({ application, scopes }) {
		try {
			await application.ssoSilent({ scopes })
		} catch (error) {
			if (error.errorCode !== 'login_required') {
				throw error
			}
		}
	},
	async sign_in({ application, scopes }) {
		// docs/clients.md: from here
		await application.loginRedirect({ scopes }) // ends in handleRedirectPromise
		// docs/clients.md: to here
	},
	async sign_in_in_pop_up({ application, scopes }) {
		// docs/clients.md: from here
		const reply = await application.loginPopup({ scopes, prompt: 'login' }) // prompt: who is signed in is asked for the password, too
		// docs/clients.md: to here
		return told(reply)
	},
	async user() {
		return told(latest)
	},
	async refresh({ application, scopes }) {
		const { account } = latest
		// docs/clients.md: from here
		// by its refresh token, now and without looking into a frame
		const reply = await application.acquireTokenSilent({ scopes, account, cacheLookupPolicy: msal.CacheLookupPolicy.RefreshToken })
		// docs/clients.md: to here
		return told(reply)
	},
	async renew({ application, scopes }) {
		const { account } = latest
		// docs/clients.md: from here
		const reply = await application.ssoSilent({ scopes, account }) // in a hidden frame
		// docs/clients.md: to here
		return told(reply)
	},
	async userinfo({ issuer }) {
		const reply = await fetch(`${issuer}/oauth2/userinfo`, { headers: { Authorization: `Bearer ${latest.accessToken}` } })
		return { claims: await reply.json() }
	},
	async logout({ application }) {
		const { account } = latest
		// docs/clients.md: from here
		await application.logoutRedirect({ account, idTokenHint: account.idToken })
		// docs/clients.md: to here
	},
	async logout_in_pop_up({ application }) {
		const { account } = latest
		await application.logoutPopup({ account, idTokenHint: account.idToken, postLogoutRedirectUri: `${location.origin}/callback` })
	},
}

async function ask(verb) {
	try {
		return (await verbs[verb](await started)) ?? {}
	} catch (error) {
		return { refused: `${error.name}: ${error.message}`, error: error.errorCode ?? null, status: null }
	}
}
