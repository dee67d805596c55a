// What an import has to ask about is found in the OpenAPI document's text: its ${NAME} placeholders and its security schemes.
// Only the server reads the document for good; what is not found here can be typed.
import type { Schemas } from '../../api/client';

type Actor = Schemas['Actor'];

export interface Placeholder {
	readonly name: string;
	/** It is a part of a server's address, which is no address without it. */
	readonly inServer: boolean;
}

export function placeholdersIn(text: string): readonly Placeholder[] {
	const found = new Map<string, boolean>();
	for (const [, name = ''] of text.matchAll(/\$\{([A-Za-z0-9_.-]+)\}/g)) found.set(name, false);
	for (const [, url = ''] of text.matchAll(/[\s{,-]["']?url["']?\s*:\s*["']?([^\s"',]+)/g))
		for (const [, name = ''] of url.matchAll(/\$\{([A-Za-z0-9_.-]+)\}/g)) found.set(name, true);
	return [...found].map(([name, inServer]) => ({ name, inServer }));
}

function member(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function schemesOfJson(text: string): readonly string[] | null {
	try {
		const schemes = member(member(JSON.parse(text), 'components'), 'securitySchemes');
		return typeof schemes === 'object' && schemes !== null ? Object.keys(schemes) : [];
	} catch {
		return null;
	}
}

const KEY = /^(\s*)(?:"([^"]+)"|'([^']+)'|([^\s#'"{[&*!|>%@`-][^:]*?))\s*:(?:\s|$)/;

/** The keys one step further in than the line "securitySchemes:", as people write YAML. */
function schemesOfYaml(text: string): readonly string[] {
	const lines = text.split(/\r?\n/);
	const begin = lines.findIndex((line) => /^\s+["']?securitySchemes["']?\s*:\s*(#.*)?$/.test(line));
	if (begin < 0) return [];
	const outer = indentOf(lines[begin] ?? '');
	const names: string[] = [];
	let inner: number | null = null;
	for (const line of lines.slice(begin + 1)) {
		if (/^\s*(#|$)/.test(line)) continue;
		const indent = indentOf(line);
		if (indent <= outer) break;
		inner ??= indent;
		if (indent !== inner) continue;
		const match = KEY.exec(line);
		const name = match?.[2] ?? match?.[3] ?? match?.[4];
		if (name !== undefined) names.push(name);
	}
	return names;
}

function indentOf(line: string): number {
	return line.length - line.trimStart().length;
}

export function schemesIn(text: string): readonly string[] {
	return /^\s*\{/.test(text) ? (schemesOfJson(text) ?? []) : schemesOfYaml(text);
}

/** The first guess at whom a scheme stands for, by its name; null: none. The person decides. */
export function actorGuessed(scheme: string): Actor | null {
	const name = scheme.toLowerCase().replace(/[^a-z]/g, '');
	const customer = name.includes('customer');
	if (/onbehalf|obo/.test(name)) return customer ? 'customer_on_behalf_of' : 'user_on_behalf_of';
	if (customer) return name.includes('anonymous') ? 'anonymous_customer' : 'customer';
	if (/user|agent/.test(name)) return 'user';
	return /client|server|app/.test(name) ? 'client' : null;
}
