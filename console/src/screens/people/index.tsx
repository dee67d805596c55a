import { Route, Routes } from 'react-router';

import { NotHere } from '../../layout/NotHere';
import type { Kind } from './kind';
import { NewPerson } from './NewPerson';
import { PersonList } from './PersonList';
import { PersonPage } from './PersonPage';

export function People({ kind }: { kind: Kind }) {
	return (
		<Routes>
			<Route index element={<PersonList kind={kind} />} />
			<Route path="new" element={<NewPerson kind={kind} />} />
			<Route path=":id/:tab?" element={<PersonPage kind={kind} />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}
