"""The library: `counterfoil.sdk` gives out what `exports` names. Knows no command and no terminal."""
