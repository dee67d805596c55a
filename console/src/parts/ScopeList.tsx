import { Dotted } from './Dotted';

/** Names of permissions, one below the other. */
export function ScopeList({ scope }: { scope: readonly string[] }) {
	return (
		<ul className="scopes" aria-label="Scope">
			{scope.map((name) => (
				<li key={name} className="mono whole">
					<Dotted>{name}</Dotted>
				</li>
			))}
		</ul>
	);
}
