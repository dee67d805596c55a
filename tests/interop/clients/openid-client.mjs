// openid-client (npm), as its documentation uses it, the signature of ID tokens verified too.
import * as client from 'openid-client'
import { serve } from './adapter.mjs'

let given, config, begun, tokens, subject

async function discover(settings) {
	given = settings
	config = await client.discovery(
		new URL(given.issuer),
		given.client_id,
		given.client_secret ?? undefined,
		given.client_secret ? undefined : client.None(),
		{ execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
	)
	return { issuer: config.serverMetadata().issuer, token_endpoint: config.serverMetadata().token_endpoint }
}

async function begin() {
	begun = { verifier: client.randomPKCECodeVerifier(), state: client.randomState(), nonce: client.randomNonce() }
	const url = client.buildAuthorizationUrl(config, {
		redirect_uri: given.redirect_uri,
		scope: given.scope,
		code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
		code_challenge_method: 'S256',
		state: begun.state,
		nonce: begun.nonce,
	})
	return { url: url.href }
}

async function finish({ callback }) {
	tokens = await client.authorizationCodeGrant(config, new URL(callback), {
		pkceCodeVerifier: begun.verifier,
		expectedState: begun.state,
		expectedNonce: begun.nonce,
	})
	subject = tokens.claims().sub
	return { tokens, claims: tokens.claims() }
}

async function refresh() {
	tokens = { ...tokens, ...(await client.refreshTokenGrant(config, tokens.refresh_token)) }
	return { tokens }
}

async function userinfo() {
	return { claims: await client.fetchUserInfo(config, tokens.access_token, subject) }
}

async function revoke() {
	await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: 'refresh_token' })
	return {}
}

await serve({ discover, begin, finish, refresh, userinfo, revoke })
