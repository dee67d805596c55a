// The screen of an object that is read first: until it is there, and where it is not, it still has a title.
import { Fragment, type ReactNode } from 'react';
import { useParams } from 'react-router';

import { Page } from './Page';
import { Read, type Reading } from './states';

/** title: "User"; children, a Page of their own, only with the value. */
export function ReadPage<T>({ title, of, children }: { title: string; of: Reading<T>; children: (value: T) => ReactNode }) {
	const { partition } = useParams(); // one's object is another object than the same name's in another
	if (of.data !== undefined) return <Fragment key={partition}>{children(of.data)}</Fragment>;
	return (
		<Page title={title}>
			<Read of={of}>{() => null}</Read>
		</Page>
	);
}
