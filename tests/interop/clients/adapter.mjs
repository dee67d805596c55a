// Between make interop and a client library in JavaScript: a line of JSON in, a line of JSON out. README.md lists the verbs.
import { createInterface } from 'node:readline'

// Everything that an error says about itself: what refused, and why.
function sayings(error) {
	const said = []
	for (let one = error; one instanceof Error; one = one.cause) {
		said.push(one.name, one.code, one.message, one.error, one.error_description)
	}
	const cause = error?.cause
	if (cause && !(cause instanceof Error)) {
		said.push(JSON.stringify(cause, (key, value) => (value instanceof Response ? `HTTP ${value.status}` : value)))
	}
	return said.filter(Boolean).join(': ')
}

// verbs   one function for each verb: gets the fields of the command, gives the fields of the answer.
export async function serve(verbs) {
	for await (const line of createInterface({ input: process.stdin })) {
		const { verb, ...fields } = JSON.parse(line)
		let answer
		try {
			answer = await verbs[verb](fields)
		} catch (error) {
			answer = { refused: sayings(error), error: error.error ?? null, status: error.status ?? null }
		}
		process.stdout.write(JSON.stringify(answer) + '\n')
	}
}
