"""What shops call their columns, in English, Spanish, Portuguese, German and French."""

from __future__ import annotations

import re
import unicodedata
from functools import cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# from the surest name to the vaguest; a weight says how sure
NAMES: dict[str, dict[float, str]] = {
    "customer_id": {
        1.0: "customer id|customer|customer number|customer no|customer nr|customer code|"
        "customer key|cust id|client id|client number|client no|client code|"
        "kunden id|kundennummer|kunden nr|kundennr|kdnr|kunde|debitor|debitorennummer|"
        "id cliente|cliente id|codigo cliente|cod cliente|numero cliente|cliente|"
        "codigo do cliente|codigo de cliente|id do cliente|id de cliente|numero de cliente|"
        "id client|numero client|code client|client|identifiant client|identificador cliente|"
        "customer unique id",
        0.9: "user id|user|buyer id|buyer|shopper id|member id|member|account id|account number|"
        "contact id|person id|subscriber id|loyalty id|loyalty card|card number|household key|"
        "household|usuario|id usuario|comprador|acheteur|utilisateur|kaeufer|kaufer|benutzer|"
        "consumer id",
        0.8: "email|e mail|email address|customer email|mail|correo|correo electronico|"
        "e mail adresse|adresse e mail|adresse email|courriel|endereco de email|kunden email",
        0.5: "customer name|client name|buyer name|billing name|kundenname|nombre cliente|"
        "nome cliente|nom client|name|nombre|nome|phone|telefono|telefone|visitor id|guest id",
        0.4: "id",
    },
    "date": {
        1.0: "date|order date|invoice date|purchase date|transaction date|sale date|sales date|"
        "date of purchase|date of order|receipt date|booking date|payment date|day|"
        "datum|bestelldatum|rechnungsdatum|kaufdatum|auftragsdatum|belegdatum|buchungsdatum|"
        "verkaufsdatum|bestellt am|data encomenda|"
        "fecha|fecha pedido|fecha de pedido|fecha del pedido|fecha compra|fecha de compra|"
        "fecha factura|fecha de factura|fecha venta|fecha de venta|"
        "data|data pedido|data do pedido|data compra|data da compra|data venda|data da venda|"
        "data fatura|date commande|date de commande|date achat|date d achat|date facture|"
        "date de facture|date de vente|jour|dia|tag",
        0.9: "created at|order created at|created|created date|ordered at|purchased at|paid at|"
        "processed at|order purchase timestamp|order time|order datetime|timestamp|datetime|"
        "date time|time|invoice datetime|transaction time|zeitpunkt|zeitstempel|fecha y hora|"
        "fecha hora|data hora|data e hora|date heure|creado|criado em|cree le|erstellt am",
    },
    "amount": {
        1.0: "amount|total|order total|total amount|total price|order amount|order value|revenue|"
        "net revenue|gross revenue|sales|total sales|net sales|gross sales|sales amount|"
        "net amount|gross amount|line total|line amount|grand total|invoice amount|"
        "transaction amount|purchase amount|payment value|amount paid|total paid|turnover|"
        "spend|total spent|value|"
        "betrag|umsatz|summe|gesamt|gesamtbetrag|gesamtpreis|gesamtsumme|bestellwert|"
        "auftragswert|bruttoumsatz|importe venta|importe pedido|total encomenda|valor venda|"
        "valor encomenda|montant commande|total commande|"
        "rechnungsbetrag|nettobetrag|bruttobetrag|nettoumsatz|warenwert|wert|"
        "importe|importe total|monto|monto total|total pedido|total factura|valor|ventas|venta|"
        "valor total|valor do pedido|valor pedido|valor da compra|receita|montante|"
        "montant|montant total|montant ttc|montant ht|chiffre d affaires|ca|prix total|total ttc",
        0.8: "subtotal|sub total|paid|payment|gross|net|extended price|item total|total ht|cost",
        0.45: "price|preis|precio|preco|prix",
    },
    "unit_price": {
        1.0: "unit price|price|item price|price per unit|price each|unit cost|lineitem price|"
        "einzelpreis|stueckpreis|stuckpreis|preis|preis pro stueck|preis pro stuck|"
        "precio por unidad|importe unitario|preco por unidade|prix par unite|p u|"
        "precio unitario|precio|preco unitario|preco|valor unitario|prix unitaire|prix",
    },
    "quantity": {
        1.0: "quantity|qty|units|pieces|quantity ordered|lineitem quantity|item quantity|"
        "menge|anzahl|stueckzahl|stuckzahl|stueck|stuck|bestellmenge|piezas|uds|pecas|unites|"
        "cantidad|unidades|quantidade|qtd|qtde|"
        "quantite|qte|nombre d articles",
    },
    "order_id": {
        1.0: "order id|order|order number|order no|order nr|order key|order code|order name|"
        "invoice|invoice id|invoice number|invoice no|transaction id|transaction|"
        "transaction number|receipt id|receipt|receipt number|basket id|basket|ticket id|"
        "ticket|purchase id|sale id|"
        "bestellnummer|bestell nr|bestellnr|bestellung|bestell id|auftragsnummer|auftrag|"
        "auftrags nr|auftragsnr|belegnr|beleg nr|encomenda|numero encomenda|id encomenda|"
        "rechnungsnummer|rechnungs nr|rechnung|belegnummer|beleg|bon|"
        "referencia pedido|reference commande|numero fatura|"
        "pedido|id pedido|pedido id|numero pedido|numero de pedido|factura|numero factura|"
        "numero de factura|id do pedido|numero do pedido|nota fiscal|fatura|venda|"
        "commande|id commande|numero commande|numero de commande|facture|numero facture|"
        "numero de facture",
    },
}
AGAINST: dict[str, frozenset[str]] = {
    "customer_id": _words("order invoice product item type segment group since count"),
    "date": _words(
        "birth birthday geburt geburtsdatum nacimiento nascimento naissance updated update shipped "
        "shipping delivery delivered lieferdatum due cancelled canceled refunded refund estimated "
        "approved carrier signup registration registered joined first last expiry"
    ),
    "amount": _words(
        "tax taxes vat mwst iva tva shipping freight versand envio frete discount rabatt descuento "
        "desconto remise tip fee fees refund refunded quantity count items number points id rate "
        "unit cost method status currency margin balance orders"
    ),
    "unit_price": _words("total shipping compare"),
    "quantity": _words("refunded returned price"),
    "order_id": _words(
        "status date total amount value type line item count time customer source channel"
    ),
}
# "fecha del pedido" and "fecha pedido" are one name, and "N.º pedido" is "pedido"
FILLERS = _words("de del do da du des d la le of the n o")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
OTHER = re.compile(r"[^a-z0-9]+")


def plain_words(name: str) -> str:
    """Return a column name as lower-case words without accents.

    Examples
    --------
    >>> [plain_words(name) for name in ("CustomerID", "N° de commande", "Größe_EUR")]
    ['customer id', 'n de commande', 'grosse eur']
    """
    apart = CAMEL.sub(" ", name).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(c))
    return OTHER.sub(" ", bare.replace("°", " ")).strip()


def name_score(role: str, name: str) -> float:
    """Return how much a column's name speaks for a role, 0 to 1."""
    words = _core(plain_words(name))
    tokens = set(words.split())
    glued = words.replace(" ", "")
    best = 0.0
    for entry, entry_tokens, weight in _entries(role):
        if entry == words or entry.replace(" ", "") == glued:
            return weight
        if entry_tokens <= tokens:
            best = max(best, weight * 0.9 * len(entry_tokens) / len(tokens))
    return best * 0.25 if tokens & AGAINST[role] else best


def _core(words: str) -> str:
    """Return the words without articles and prepositions, unless there is nothing else."""
    return " ".join(word for word in words.split() if word not in FILLERS) or words


@cache
def _entries(role: str) -> tuple[tuple[str, frozenset[str], float], ...]:
    return tuple(
        (entry, frozenset(entry.split()), weight)
        for weight, names in NAMES[role].items()
        for entry in map(_core, names.split("|"))
    )
