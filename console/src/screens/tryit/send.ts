// A request as the application itself would send it. It goes straight to the token endpoint, not through the Admin API, and nothing of it
// is kept.
import type { Parameters } from './flows';

export interface Reply {
	readonly status: number;
	readonly requestId: string | null;
	readonly milliseconds: number;
	/** As it came. */
	readonly text: string;
	/** Its members, where it is a JSON object. */
	readonly body: Readonly<Record<string, unknown>> | null;
}

export async function send(address: string, parameters: Parameters, signal: AbortSignal): Promise<Reply> {
	const began = performance.now();
	const response = await fetch(address, {
		method: 'POST',
		headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
		body: new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString(),
		credentials: 'omit',
		cache: 'no-store',
		redirect: 'error',
		signal,
	});
	const text = await response.text();
	return { status: response.status, requestId: response.headers.get('X-Request-Id'), milliseconds: performance.now() - began, text, body: bodyOf(text) };
}

function bodyOf(text: string): Reply['body'] {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
	} catch {
		return null;
	}
}

export function memberText(reply: Reply, name: string): string | null {
	const value = reply.body?.[name];
	return typeof value === 'string' && value !== '' ? value : null;
}
