// The single page application of oidc-client-ts.py: what an application of oidc-client-ts (npm) does with its UserManager.
'use strict'

async function start({ issuer, client_id, scope, post_logout_redirect_uri }) {
	// docs/clients.md: from here
	const manager = new oidc.UserManager({
		authority: issuer,
		client_id,
		redirect_uri: `${location.origin}/callback`,
		silent_redirect_uri: `${location.origin}/callback`,
		post_logout_redirect_uri,
		scope,
		loadUserInfo: true,
		userStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
	})
	if (location.pathname === '/callback') {
		await manager.signinCallback() // the code becomes tokens; in the frame of a silent renewal it is handed to the page
		history.replaceState(null, '', '/')
	}
	// docs/clients.md: to here
	return manager
}

// What the page was told by oidc-client-ts.py, and how far it has come.
const manager = fetch('/settings.json').then((reply) => reply.json()).then(start)
manager.then(
	() => { document.title = 'ready' },
	(error) => { document.title = 'refused'; document.body.textContent = `${error.name}: ${error.message}` },
)

const verbs = {
	async discover() {
		const service = (await manager).metadataService
		return { issuer: await service.getIssuer(), token_endpoint: await service.getTokenEndpoint() }
	},
	async sign_in() {
		await (await manager).signinRedirect()
	},
	async user() {
		const user = await (await manager).getUser()
		const { access_token, refresh_token, id_token, scope, profile } = user
		return { tokens: { access_token, refresh_token, id_token, scope }, claims: profile }
	},
	async userinfo() {
		const { profile } = await (await manager).getUser()
		return { claims: profile } // with what userinfo told, which loadUserInfo asks for
	},
	async refresh() {
		await (await manager).signinSilent() // by its refresh token
		return verbs.user()
	},
	// Without a refresh token signinSilent asks the server in a hidden frame.
	async renew() {
		const user = await (await manager).getUser()
		user.refresh_token = undefined
		await (await manager).storeUser(user)
		await (await manager).signinSilent()
		return verbs.user()
	},
	async logout() {
		await (await manager).signoutRedirect()
	},
	async revoke() {
		await (await manager).revokeTokens()
	},
}

async function ask(verb) {
	try {
		return (await verbs[verb]()) ?? {}
	} catch (error) {
		return { refused: `${error.name}: ${error.message}`, error: error.error ?? null, status: null }
	}
}
