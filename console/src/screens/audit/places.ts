// Where in the console that is changed what made the server refuse a request, and where the things are that an event is about.
import { pathTo } from '../../layout/sections';
import type { AuditEvent, Told } from './words';

interface Place {
	readonly to: string;
	readonly label: string;
}

/** Which tab of the client application a reason is about; '': the first. */
const ofApplication: readonly (readonly [RegExp, string, string])[] = [
	[/^redirect-uri/, '', 'Redirect URLs of the client application'],
	[/^post-logout-redirect-uri$/, '', 'Addresses after sign-out of the client application'],
	[/^(?:pkce|grant-closed$|token-exchange)/, '', 'The client application'],
	[/^client-authentication/, '', 'Secrets and keys of the client application'],
	[/^scope-(?:not-assigned|wrong-flow|gone|beyond-grant|default|admin)/, 'permissions', 'Permissions of the client application'],
	[/^scope/, 'permissions', 'Permissions of the client application'],
];

function applicationOf(event: AuditEvent): string | null {
	return /^(?:token|authorization|consent|sign_in|logout)\./.test(event.action) ? event.actor : null;
}

export function placeToChange(partition: string, event: AuditEvent, told: Told): Place | null {
	const registered = Object.fromEntries(told.registered);
	const integration = (page: string, ...rest: string[]) => pathTo(partition, 'integration', page, ...rest);
	const provider = registered['registration_id'];
	if (event.result === 'subject-token-refused' && typeof provider === 'string') return { to: integration('identity-providers', provider), label: `Identity provider ${provider}` };
	if (event.result === 'subject-token-refused' || event.result === 'identity-provider-unknown') return { to: integration('identity-providers'), label: 'Identity providers' };
	if (event.result === 'anonymous-off' || told.arrived.some(([name, value]) => name === 'flow' && value === 'anonymous'))
		return { to: pathTo(partition, 'settings'), label: 'Anonymous customers in the partition settings' };
	if (event.result.startsWith('scope') && registered['exists'] === false) return { to: integration('permissions'), label: 'Permissions of the partition' };
	if (event.result === 'call-not-listed' || event.result === 'call-closed') return { to: integration('apis'), label: 'APIs' };
	const application = applicationOf(event);
	const found = application === null ? undefined : ofApplication.find(([pattern]) => pattern.test(event.result));
	if (application === null || found === undefined) return null;
	const [, tab, label] = found;
	return { to: integration('client-applications', application, ...(tab === '' ? [] : [tab])), label };
}

/** The page of an object that was changed; null: it is gone, or has none. */
export function placeOfObject(partition: string, event: AuditEvent, told: Told): string | null {
	if (event.object === null || event.action.endsWith('.deleted')) return event.action === 'secret.deleted' && event.object !== null ? pathTo(partition, 'integration', 'client-applications', event.object) : null;
	switch (told.kind) {
		case 'user':
			return pathTo(partition, 'people', 'users', event.object);
		case 'customer':
			return pathTo(partition, 'people', 'customers', event.object);
		case 'department':
			return pathTo(partition, 'people', 'departments');
		case 'client_application':
		case 'secret':
			return pathTo(partition, 'integration', 'client-applications', event.object);
		case 'permission':
			return pathTo(partition, 'integration', 'permissions', event.object);
		case 'api':
			return pathTo(partition, 'integration', 'apis', event.object);
		case 'identity_provider':
			return pathTo(partition, 'integration', 'identity-providers', event.object);
		case 'partition':
			return pathTo(event.object, 'settings');
		case 'signing_key':
			return pathTo(partition, 'security', 'signing-keys');
		default:
			return null;
	}
}
