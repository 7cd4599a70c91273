"""Operations made by hypothesis from the DMMF, so that most of them are valid."""
