// What the server says about itself to a console that nobody has signed in to yet.
import { Problem } from '../api/problem';

export interface Configuration {
	readonly auth_url: string;
	readonly client_id: string;
	/** The only partition beside SYSTEM; null where there are several, or none. */
	readonly partition: string | null;
	readonly version: string;
}

export const BASE = '/console';

export async function readConfiguration(): Promise<Configuration> {
	const response = await fetch(`${BASE}/configuration.json`, { cache: 'no-store' }).catch(() => {
		throw Problem.unreachable();
	});
	if (!response.ok) throw new Problem(response.status, 'No configuration', 'The server did not say where to sign in. Try again in a few seconds.', {}, null, null);
	return (await response.json()) as Configuration;
}

export function isPartitionId(text: string): boolean {
	return /^[A-Za-z0-9_]{1,64}$/.test(text);
}

/** Where to sign in for an address of the console. null: the person has to say.
 * Somebody who signed in at SYSTEM may administer the partition in the address from there. */
export function partitionFor(address: URL, configuration: Configuration, last: string | null): string | null {
	const asked = address.searchParams.get('partition');
	if (asked !== null && isPartitionId(asked)) return asked;
	if (last === 'SYSTEM') return last;
	const first = address.pathname.slice(BASE.length).split('/').find((part) => part !== '') ?? '';
	if (isPartitionId(first) && first !== 'callback') return first;
	if (last !== null && isPartitionId(last)) return last;
	return configuration.partition;
}
