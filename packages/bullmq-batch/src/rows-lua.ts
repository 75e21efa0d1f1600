import type { PlainRows } from './plain-lua.ts';
import { placeOf } from './row-scripts.ts';

/**
 * A group is rows of one script: { script, number of keys, number of arguments, rows, columns that differ, is add }.
 * A column that is the same in all rows is sent once. A group of plain jobs is carried out at once (`plain-lua.ts`);
 * every other row by row with BullMQ's scripts: an add runs only while its inbound job carries our lock, an inbound job
 * whose add failed is not completed, and an error of one row (pcall) leaves the others alone.
 *
 * @param plain the functions for groups of plain jobs, by the place of their script
 */
export const rowsLua = ({
  fence,
  firstColumn,
  plain,
}: {
  fence: number;
  firstColumn: number;
  plain: readonly PlainRows[];
}): string => `
-- the rows of a group whose columns begin at ARGV[p]: value(row, column), and where the next group begins
local function openRows(group, width, p)
  local differ, shared, place = group[5], {}, {}
  local step = #differ
  for j = 1, step do place[differ[j]] = j end
  for c = 1, width do
    if not place[c] then
      shared[c] = ARGV[p]
      p = p + 1
    end
  end
  local first = p - 1 - step
  local rows = {count = group[4]}
  rows.differs = function(c) return place[c] ~= nil end
  rows.value = function(i, c)
    local j = place[c]
    if j then return ARGV[first + i * step + j] end
    return shared[c]
  end
  return rows, p + group[4] * step
end
local out, n, p, refused = {}, 0, ${firstColumn}, {}
local function rowByRow(rows, group, fenced)
  local run, nk, na = scripts[group[1]], group[2], group[3]
  local F, K, A = {}, {}, {}
  for i = 1, rows.count do
    for c = 1, fenced do F[c] = rows.value(i, c) end
    for c = 1, nk do K[c] = rows.value(i, fenced + c) end
    for c = 1, na do A[c] = rows.value(i, fenced + nk + c) end
    n = n + 1
    if fenced > 0 and (refused[F[3]] or redis.call('GET', F[1]) ~= F[2]) then
      out[n] = -2
    elseif group[6] == 0 and group[1] == 1 and refused[K[12]] then
      out[n] = refused[K[12]]
    else
      local ok, r = pcall(run, K, A)
      if not ok then out[n] = 'ERR ' .. tostring(type(r) == 'table' and r.err or r)
      elseif type(r) == 'number' then out[n] = r
      else out[n] = 0 end
      if fenced > 0 and (not ok or (type(r) == 'number' and r < 0)) then
        refused[F[3]] = 'ERR outbound job not added: ' .. tostring(out[n])
      end
    end
  end
end
local function allAtOnce(plainly, rows, fenced)
  wrote = false
  local ok, r = pcall(plainly, rows, fenced, refused)
  if not wrote then return false end
  for i = 1, rows.count do
    n = n + 1
    if ok then
      out[n] = 0
    else
      out[n] = 'ERR ' .. tostring(type(r) == 'table' and r.err or r)
      if fenced > 0 then refused[rows.value(i, 3)] = 'ERR outbound job not added: ' .. out[n] end
    end
  end
  return true
end
local plain = {${plain.map(({ script, name }) => `[${placeOf(script)}] = ${name}`).join(', ')}}
for g = 1, #groups do
  local group = groups[g]
  local fenced = group[6] == 1 and ${fence} or 0
  local rows
  rows, p = openRows(group, fenced + group[2] + group[3], p)
  local plainly = plain[group[1]]
  if not (plainly and allAtOnce(plainly, rows, fenced)) then rowByRow(rows, group, fenced) end
end
`;
