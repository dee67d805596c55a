// Client secrets that were shown in this tab, for as long as the page lives: in memory, and nowhere else.
export interface KeptSecret {
	readonly label: string;
	readonly value: string;
}

const kept = new Map<string, KeptSecret>();

/** Takes a secret that was just shown, to be tried. */
export function keepForTrying(clientId: string, secret: KeptSecret): void {
	kept.set(clientId, secret);
}

export function keptForTrying(clientId: string): KeptSecret | null {
	return kept.get(clientId) ?? null;
}

export function forgetKept(clientId: string): void {
	kept.delete(clientId);
}
