// The words for what an application consists of: the guide's where it has some.
import type { Held, Schemas } from '../../api/client';
import type { Kept } from './kept';

export type Application = Schemas['ClientApplication'];

/** What each tab of an application gets. */
export interface TabProps {
	application: Held<Application>;
	kept: Kept;
}

export const memberWords = {
	name: 'Name',
	client_id: 'Client ID',
	platform: 'Platform',
	resource_type: 'Resource Type',
	enabled: 'Enabled',
	redirect_urls: 'Redirect URL(s)',
	post_logout_redirect_urls: 'Post-logout redirect URL(s)',
	backchannel_logout_url: 'Back-channel logout URL',
	jwks_url: 'Address of public keys',
	jwks: 'Public keys',
	permissions: 'Permissions',
	grants: 'Optional flows',
	access_token_seconds: 'Access token lifetime',
	refresh_tokens: 'Refresh tokens',
	refresh_idle_seconds: 'Refresh token ends unused after',
	refresh_max_seconds: 'Refresh token ends after',
	consent: 'Consent',
	id_token_algorithm: 'ID token algorithm',
} as const satisfies Partial<Record<keyof Application, string>>;

export const platformWords: Readonly<Record<Schemas['Platform'], string>> = {
	web: 'Web Application',
	spa: 'Single Page Application (SPA)',
};

export const platformAbout: Readonly<Record<Schemas['Platform'], string>> = {
	web: 'Select this for traditional server-side applications that can securely store secrets. These are considered confidential clients and use standard authorization flows.',
	spa: 'Select this for browser-based JavaScript applications that run entirely on the client side. Since they cannot securely store secrets, they are considered public clients and must use the Proof Key for Code Exchange (PKCE) flow for enhanced security.',
};

/** The guide's table of the differences. */
export const platformTable: readonly { feature: string; spa: string; web: string }[] = [
	{ feature: 'Environment', spa: 'Devices (browsers for SPAs)', web: 'Servers' },
	{ feature: 'Secret Storage', spa: 'Cannot securely store secrets', web: 'Can securely store secrets' },
	{ feature: 'OAuth Flow', spa: 'Authorization Code with PKCE', web: 'Authorization Code' },
	{ feature: 'Example', spa: 'Mobile apps, browser-based apps', web: 'Traditional web apps' },
	{ feature: 'Security Focus', spa: 'Protecting authorization codes without secrets', web: 'Protecting client secrets' },
];

export const flowWords: Readonly<Record<Schemas['Flow'], string>> = {
	authorization_code: 'Authorization Code',
	refresh_token: 'Refresh token',
	token_exchange: 'Token exchange',
	client_credentials: 'Client Credentials',
	on_behalf_of: 'On-Behalf-Of',
	anonymous: 'Anonymous customer',
};

interface KindWords {
	readonly kind: Schemas['PermissionKind'];
	readonly label: string;
	readonly short: string;
	readonly about: string;
}

export const kindWords: readonly KindWords[] = [
	{
		kind: 'delegated',
		label: 'Delegated Permissions: Interactive (User/Customer flows)',
		short: 'Interactive',
		about: 'Requires the user to manually log in to provide an authorization code via authorization flow.',
	},
	{
		kind: 'on_behalf_of',
		label: 'Delegated Permissions: On-Behalf-Of (OBO) flow',
		short: 'On-Behalf-Of',
		about: 'Allows the app to act for a user without an authorization flow. The token carries a user context.',
	},
	{
		kind: 'application',
		label: 'Application Permissions (Client Credentials flow)',
		short: 'Application',
		about: 'Used where no user is required; the application acts as its own identity.',
	},
];

export const actorWords: Readonly<Record<Schemas['Actor'], string>> = {
	user: 'user',
	customer: 'customer',
	user_on_behalf_of: 'application for a user',
	customer_on_behalf_of: 'application for a customer',
	anonymous_customer: 'anonymous customer',
	client: 'application itself',
};
