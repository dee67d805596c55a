// Flows and reasons as people say them.
import { OTHERS } from './series';

const flows: Readonly<Record<string, string>> = {
	authorization_code: 'Sign-in (authorization code)',
	refresh_token: 'Refresh',
	client_credentials: 'Client credentials',
	on_behalf_of: 'On behalf of',
	token_exchange: 'Token exchange',
	anonymous: 'Anonymous customers',
	'': 'No flow',
	[OTHERS]: 'Others',
};

export function flowSaid(key: string): string {
	return flows[key] ?? key;
}

const abbreviations: Readonly<Record<string, string>> = { uri: 'URI', pkce: 'PKCE', acr: 'acr', api: 'API', id: 'id', json: 'JSON' };

/** "redirect-uri-unregistered" → "Redirect URI unregistered". */
export function reasonSaid(slug: string): string {
	if (slug === '') return 'Not said';
	if (slug === OTHERS) return 'Others';
	const words = slug.split('-').map((word) => abbreviations[word] ?? word);
	const said = words.join(' ');
	return said.charAt(0).toUpperCase() + said.slice(1);
}
