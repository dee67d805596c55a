// oauth4webapi (npm), as its examples use it: the secret by HTTP Basic, the signature of ID tokens verified too.
import * as oauth from 'oauth4webapi'
import { serve } from './adapter.mjs'

const options = { [oauth.allowInsecureRequests]: true }
let given, server, client, authentication, begun, tokens, subject

async function discover(settings) {
	given = settings
	const { client_id, client_secret } = settings
	const issuer = new URL(settings.issuer)
	// docs/clients.md: from here
	// options = { [oauth.allowInsecureRequests]: true } for http on loopback
	server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
	client = { client_id }
	authentication = client_secret ? oauth.ClientSecretBasic(client_secret) : oauth.None()
	// docs/clients.md: to here
	return { issuer: server.issuer, token_endpoint: server.token_endpoint }
}

async function begin() {
	const { redirect_uri, scope } = given
	begun = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() }
	const url = new URL(server.authorization_endpoint)
	url.search = new URLSearchParams({
		client_id: client.client_id,
		redirect_uri,
		response_type: 'code',
		scope,
		code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
		code_challenge_method: 'S256',
		state: begun.state,
		nonce: begun.nonce,
	})
	return { url: url.href }
}

async function finish({ callback }) {
	const { redirect_uri } = given
	// docs/clients.md: from here
	const answer = oauth.validateAuthResponse(server, client, new URL(callback), begun.state)
	const reply = await oauth.authorizationCodeGrantRequest(server, client, authentication, answer, redirect_uri, begun.verifier, options)
	tokens = await oauth.processAuthorizationCodeResponse(server, client, reply, { expectedNonce: begun.nonce, requireIdToken: true })
	await oauth.validateApplicationLevelSignature(server, reply, options)
	const claims = oauth.getValidatedIdTokenClaims(tokens)
	// docs/clients.md: to here
	subject = claims.sub
	return { tokens, claims }
}

async function refresh() {
	const reply = await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, options)
	tokens = await oauth.processRefreshTokenResponse(server, client, reply)
	return { tokens }
}

async function userinfo() {
	const reply = await oauth.userInfoRequest(server, client, tokens.access_token, options)
	return { claims: await oauth.processUserInfoResponse(server, client, subject, reply) }
}

async function revoke() {
	const hint = { additionalParameters: { token_type_hint: 'refresh_token' } }
	const reply = await oauth.revocationRequest(server, client, authentication, tokens.refresh_token, { ...options, ...hint })
	await oauth.processRevocationResponse(reply)
	return {}
}

await serve({ discover, begin, finish, refresh, userinfo, revoke })
