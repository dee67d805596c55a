// The Admin API as functions, typed by its own document (schema.ts is made of src/admin/openapi.json by `npm run types`).
import { Problem } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Operation = { responses: object };

/** Addresses that have this method. */
export type Address<M extends Method> = {
	[P in keyof paths]: paths[P] extends Record<M, Operation> ? P : never;
}[keyof paths];
type OperationOf<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;

/** { partition: string; id: string } of "/partitions/{partition}/users/{id}". */
export type Names<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Record<Name, string> & Names<Rest> : unknown;

export type Query<P extends keyof paths, M extends Method> =
	OperationOf<P, M> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<string, never>;
type Body<P extends keyof paths, M extends Method> =
	OperationOf<P, M> extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
type Good<R> = R extends { 201: infer A } ? A : R extends { 200: infer A } ? A : never;
export type Reply<P extends keyof paths, M extends Method> =
	OperationOf<P, M> extends { responses: infer R } ? (Good<R> extends { content: { 'application/json': infer B } } ? B : null) : never;

/** An object as it was read, with the ETag that a change of it has to name. */
export interface Held<T> {
	readonly value: T;
	readonly etag: string | null;
}

export interface Page<T> {
	readonly items: readonly T[];
	readonly next: string | null;
}

/** Who gives the access token, and what to do when it is not good any more. */
export interface Bearer {
	token(): string;
	/** Another token without asking the person; false where that cannot be. */
	renew(): Promise<boolean>;
	/** Leaves the page to sign in; the promise never resolves. */
	signIn(): Promise<never>;
}

interface Wish {
	query?: object | undefined;
	body?: unknown;
	headers?: Record<string, string>;
	signal?: AbortSignal | undefined;
}

/** A browser takes . and .., percent-encoded or not, for steps of the path: what was meant for an object would reach what stands above it. */
export function isDots(name: string): boolean {
	return name === '.' || name === '..';
}

/** Values stand percent-encoded in their place. */
export function addressOf(path: string, names: object, query: object = {}): string {
	const values = names as Record<string, string>;
	const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = values[name];
		if (value === undefined) throw new Error(`${path} needs ${name}`);
		if (isDots(value)) throw Problem.dots(value);
		return encodeURIComponent(value);
	});
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query as Record<string, string | number | boolean | null | undefined>))
		if (value !== undefined && value !== null && value !== '') search.append(name, String(value));
	return search.size > 0 ? `${filled}?${search.toString()}` : filled;
}

async function replied(response: Response): Promise<unknown> {
	if (response.status === 204) return null;
	const text = await response.text();
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

export class Api {
	constructor(
		private readonly root: string,
		private readonly bearer: Bearer,
	) {}

	private send(method: string, address: string, wish: Wish): Promise<Response> {
		const headers: Record<string, string> = { Accept: 'application/json', Authorization: `Bearer ${this.bearer.token()}`, ...wish.headers };
		const request: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error', signal: wish.signal ?? null };
		if (wish.body !== undefined) {
			headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
			request.body = JSON.stringify(wish.body);
		}
		return fetch(this.root + address, request).catch((error: unknown) => {
			throw wish.signal?.aborted ? error : Problem.unreachable();
		});
	}

	/** Sends once more with a fresh token where the first was not good any more. */
	private async welcomed(method: string, address: string, wish: Wish): Promise<Response> {
		const response = await this.send(method, address, wish);
		const again = response.status === 401 && (await this.bearer.renew()) ? await this.send(method, address, wish) : response;
		return again.status === 401 ? this.bearer.signIn() : again;
	}

	private async call(method: string, address: string, wish: Wish = {}): Promise<Held<unknown>> {
		const response = await this.welcomed(method, address, wish);
		const value = await replied(response);
		if (!response.ok) throw Problem.of(response, value);
		return { value, etag: response.headers.get('ETag') };
	}

	read<P extends Address<'get'>>(path: P, names: Names<P>, query?: Query<P, 'get'>, signal?: AbortSignal): Promise<Held<Reply<P, 'get'>>> {
		return this.call('GET', addressOf(path, names as object, query), { signal }) as Promise<Held<Reply<P, 'get'>>>;
	}

	create<P extends Address<'post'>>(path: P, names: Names<P>, body: Body<P, 'post'>, query?: Query<P, 'post'>, signal?: AbortSignal): Promise<Held<Reply<P, 'post'>>> {
		return this.call('POST', addressOf(path, names as object, query), { body, signal }) as Promise<Held<Reply<P, 'post'>>>;
	}

	/** A merge patch (RFC 7396): what is absent stays. etag: of what was read; "*": whatever there is; null: the address wants none. */
	change<P extends Address<'patch'>>(path: P, names: Names<P>, etag: string | null, body: Body<P, 'patch'>): Promise<Held<Reply<P, 'patch'>>> {
		return this.call('PATCH', addressOf(path, names), { body, headers: condition(etag) }) as Promise<Held<Reply<P, 'patch'>>>;
	}

	/** etag null: only where there is none of that name yet. */
	put<P extends Address<'put'>>(path: P, names: Names<P>, etag: string | null, body: Body<P, 'put'>, query?: object): Promise<Held<Reply<P, 'put'>>> {
		const headers: Record<string, string> = etag === null ? { 'If-None-Match': '*' } : { 'If-Match': etag };
		return this.call('PUT', addressOf(path, names, query), { body, headers }) as Promise<Held<Reply<P, 'put'>>>;
	}

	async remove<P extends Address<'delete'>>(path: P, names: Names<P>, etag: string | null = null, query?: Query<P, 'delete'>): Promise<void> {
		await this.call('DELETE', addressOf(path, names, query), { headers: condition(etag) });
	}

	/** A reply that is no JSON object, such as an export: as the server sent it. */
	async raw(address: string, accept: string, signal: AbortSignal): Promise<Response> {
		const response = await this.welcomed('GET', address, { headers: { Accept: accept }, signal });
		if (!response.ok) throw Problem.of(response, await replied(response));
		return response;
	}
}

function condition(etag: string | null): Record<string, string> {
	return etag === null ? {} : { 'If-Match': etag };
}
