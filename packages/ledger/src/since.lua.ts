/**
 * `since(base, at)`: what lies between two base-36 times, in base 36 and never negative; `in36(n)`: a whole number in
 * base 36. Part of other scripts.
 */
export const SINCE_LUA = `
local DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
local function in36(n)
  local text = ''
  repeat
    local digit = n % 36
    text = string.sub(DIGITS, digit + 1, digit + 1) .. text
    n = math.floor(n / 36)
  until n == 0
  return text
end
local function since(base, at)
  return in36(math.max(0, tonumber(at, 36) - tonumber(base, 36)))
end
`;
