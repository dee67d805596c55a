import { Fragment } from 'react';

/** A name such as knowledge.portalmgr.read, which breaks behind its dots and slashes rather than anywhere. */
export function Dotted({ children }: { children: string }) {
	return children.split(/(?<=[./@])/).map((part, index) => (
		<Fragment key={index}>
			{index > 0 && <wbr />}
			{part}
		</Fragment>
	));
}
