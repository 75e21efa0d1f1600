import type { ConsoleDoctor } from '../doctor/console-doctor.ts';
import { handle, reply } from './route.ts';

/** `/api/doctor`: what is wrong, as far as a console can tell */
export function doctorRoutes(doctor: Pick<ConsoleDoctor, 'examine'>) {
  return handle({ 'GET /doctor': async () => reply(200, await doctor.examine()) });
}
