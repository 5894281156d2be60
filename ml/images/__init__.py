"""Pictures that members hand over: decoded where a bomb cannot hurt, and screened."""
