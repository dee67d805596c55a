// From an address of the console to somebody who is signed in, or to a reason why not.
import { BASE, isPartitionId, partitionFor, readConfiguration, type Configuration } from './configuration';
import { remembered } from './remembered';
import { isCallback, Session, type SignedIn } from './session';

export type Opened =
	| { readonly kind: 'signed-in'; readonly signedIn: SignedIn }
	/** The person has to say where to sign in, or has just signed out. */
	| { readonly kind: 'asking'; readonly configuration: Configuration; readonly suggestion: string | null; readonly signedOut: boolean };

/** Removes what the server put into the address: a code is not to be seen, shared or found in the history. */
function addressClean(to: string): void {
	history.replaceState(null, '', to);
}

/** The same address without ?partition=, which has said what it had to. */
function withoutPartition(address: URL): string {
	const search = new URLSearchParams(address.search);
	search.delete('partition');
	return address.pathname + (search.size > 0 ? `?${search.toString()}` : '');
}

async function finish(address: URL): Promise<Opened | null> {
	const partition = remembered.attempt;
	addressClean(`${BASE}/`);
	if (partition === null || !isPartitionId(partition) || !address.searchParams.has('state')) return null;
	const session = new Session(await readConfiguration(), partition);
	const goTo = await session.signInFinish(address.href);
	remembered.attempt = null;
	addressClean(goTo);
	return { kind: 'signed-in', signedIn: { session, goTo } };
}

export async function open(): Promise<Opened> {
	const address = new URL(location.href);
	const finished = isCallback(address) ? await finish(address) : null;
	if (finished !== null) return finished;
	const here = new URL(location.href);
	const configuration = await readConfiguration();
	if (new URL(configuration.auth_url).origin !== here.origin) {
		location.replace(configuration.auth_url + here.pathname + here.search);
		return new Promise<never>(() => undefined);
	}
	const partition = partitionFor(here, configuration, remembered.partition);
	const signedOut = here.pathname === `${BASE}/` && remembered.takeSignedOut();
	if (partition === null || signedOut) {
		addressClean(`${BASE}/`);
		return { kind: 'asking', configuration, suggestion: partition, signedOut };
	}
	return new Session(configuration, partition).signIn({ goTo: withoutPartition(here) });
}
