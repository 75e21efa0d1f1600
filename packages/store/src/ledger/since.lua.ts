/** `since(base, at)`: the ms between two base-36 times, in base 36 and never negative. Part of other scripts. */
export const SINCE_LUA = `
local DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
local function since(base, at)
  local n = math.max(0, tonumber(at, 36) - tonumber(base, 36))
  local text = ''
  repeat
    local digit = n % 36
    text = string.sub(DIGITS, digit + 1, digit + 1) .. text
    n = math.floor(n / 36)
  until n == 0
  return text
end
`;
