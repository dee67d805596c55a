// What the enumerations of the Admin API are called on the screen, in the guide's words.
import { isDots, type Schemas } from '../api/client';

type Actor = Schemas['Actor'];
type Kind = Schemas['PermissionKind'];

/** Whom a token speaks for, as the subject of "may call it". */
export const actorSaid: Readonly<Record<Actor, string>> = {
	user: 'A user who signed in',
	customer: 'A customer who signed in',
	user_on_behalf_of: 'A client application on behalf of a user',
	customer_on_behalf_of: 'A client application on behalf of a customer',
	anonymous_customer: 'An anonymous customer',
	client: 'A client application itself',
};

export const actors = Object.keys(actorSaid) as readonly Actor[];

/** The kind that a permission's name gives it. */
export function kindOfName(name: string): Kind {
	if (name.startsWith('app.')) return 'application';
	return name.includes('.onbehalfof.') ? 'on_behalf_of' : 'delegated';
}

/** Of the Admin API: such permissions go with no others in one request. */
export function isReserved(name: string): boolean {
	return name.startsWith('writ.admin.') || name.startsWith('app.writ.admin.');
}

/** "1 operation", "73 operations". */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** What is wrong with the name of a new object, by which its address will be; empty: what is said where there is none. */
export function nameProblem(name: string, empty: string): string | undefined {
	if (name === '') return empty;
	return isDots(name) ? 'No browser could open an object of this name: choose another.' : undefined;
}
