import { ROLES, type Role } from '@ms1/console-api';
import { ApiProblem } from '../../api/api-problem.ts';

/** App roles as the provider's tokens name them (`roles` claim), by ours. */
const APP_ROLES: Readonly<Record<Role, string>> = {
  reader: 'Ms1.Reader',
  operator: 'Ms1.Operator',
  admin: 'Ms1.Admin',
};

/**
 * The highest role that a token grants.
 *
 * @throws {ApiProblem} 403 when it grants none: the provider knows them, and they may do nothing here
 */
export function appRoleOf(claims: Readonly<Record<string, unknown>>): Role {
  const granted = Array.isArray(claims['roles']) ? claims['roles'] : [];
  const role = ROLES.findLast((one) => granted.includes(APP_ROLES[one]));
  if (role !== undefined) return role;
  const title = `The identity provider granted none of ${Object.values(APP_ROLES).join(', ')}`;
  throw new ApiProblem({ type: 'no_app_role', title, status: 403 });
}

/** Who a token is about: Entra's object id of the person or app, which stays the same in every app; else the subject. */
export function subjectOf(claims: Readonly<Record<string, unknown>>): string {
  const { oid, sub } = claims as { oid?: unknown; sub?: unknown };
  return String(typeof oid === 'string' ? oid : sub).slice(0, 128);
}
